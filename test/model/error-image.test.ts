import assert from 'node:assert/strict';
import { test } from 'node:test';
import { errorOf, imageOf } from '../../lib/model/error-image.ts';
import { DefinitionError } from '../../lib/model/errors.ts';
import { RunFailed } from '../../lib/model/run-result.ts';

test('an error keeps the names and problems that it carries', () => {
  const failed = errorOf(structuredClone(imageOf(new RunFailed(['a', 'b'], false))));
  assert.deepEqual(Reflect.get(failed, 'tasks'), ['a', 'b']);
  const problem = { code: 'unknown-task', text: "'x' matches no task.", place: undefined } as const;
  const refused = errorOf(structuredClone(imageOf(new DefinitionError([problem]))));
  assert.deepEqual(
    [refused.name, Reflect.get(refused, 'code'), Reflect.get(refused, 'problems')],
    ['DefinitionError', 'unknown-task', [problem]],
  );
});

test('a property that cannot be sent is left out as a whole', () => {
  const loop: unknown[] = [];
  loop.push(loop);
  const kept = { map: new Map([[1, 2n]]), loop, n: 1 };
  const getter = { enumerable: true, get: () => assert.fail('read') };
  const thrown = Object.assign(new Error('no'), { list: [1, { f() {} }], ...kept });
  Object.defineProperty(thrown, 'getter', getter);
  assert.deepEqual(imageOf(thrown).own, kept);
});
