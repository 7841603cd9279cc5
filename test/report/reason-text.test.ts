import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StaleReason } from '../../lib/model/stale-reason.ts';
import { reasonsText } from '../../lib/report/reason-text.ts';

test('every reason has words of its own', () => {
  const reasons: [StaleReason, string][] = [
    [{ kind: 'never-ran' }, 'first run'],
    [{ kind: 'not-finished' }, 'last run did not succeed'],
    [{ kind: 'no-skip' }, 'runs every time'],
    [{ kind: 'full' }, 'full run'],
    [{ kind: 'not-running' }, 'is not running'],
    [{ kind: 'nothing-declared' }, 'declares no inputs'],
    [{ kind: 'no-cache' }, 'no cache'],
    [{ kind: 'definition-changed', what: 'unknown' }, 'its definition changed'],
    [{ kind: 'definition-changed', what: 'action' }, 'its code changed'],
    [{ kind: 'definition-changed', what: 'declaration' }, 'its declaration changed'],
    [{ kind: 'definition-changed', what: 'arguments' }, 'its arguments changed'],
    [{ kind: 'definition-changed', what: 'module' }, 'a module changed'],
    [{ kind: 'definition-changed', what: 'module', path: 'a.ts' }, 'its module a.ts changed'],
    [{ kind: 'definition-changed', what: 'global-input' }, 'a global input changed'],
    [
      { kind: 'definition-changed', what: 'global-input', path: 'package-lock.json' },
      'package-lock.json changed, a global input',
    ],
    [
      { kind: 'definition-changed', what: 'platform' },
      "Node's major version or the platform changed",
    ],
    [{ kind: 'output-too-old', path: 'x' }, 'x is too old'],
    [{ kind: 'dep-changed', dep: 'styles::dev' }, 'styles::dev changed'],
    [{ kind: 'input-changed', path: 'src/a.scss' }, 'src/a.scss changed'],
    [{ kind: 'input-added', path: 'src/a.scss' }, 'src/a.scss is new'],
    [{ kind: 'input-removed', path: 'src/a.scss' }, 'src/a.scss is gone'],
    [{ kind: 'output-missing', path: 'dist/a.css' }, 'dist/a.css is missing'],
    [{ kind: 'output-changed', path: 'dist/a.css' }, 'dist/a.css was changed by something else'],
  ];
  assert.deepEqual(
    reasons.map(([reason]) => reasonsText([reason])),
    reasons.map(([, text]) => text),
  );
});

test('of several reasons the first is told and the others are counted', () => {
  const changed = (path: string): StaleReason => ({ kind: 'input-changed', path });
  assert.equal(
    reasonsText([
      changed('src/a.scss'),
      changed('src/b.scss'),
      { kind: 'definition-changed', what: 'action' },
    ]),
    'src/a.scss changed (and 2 more)',
  );
});

test('no reason is no text', () => {
  assert.equal(reasonsText([]), '');
});
