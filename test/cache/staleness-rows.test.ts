import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { repository } from '../rig/temp-project.ts';

/** Every way in which what was made can be outdated, or look so. */
const rowCount = 30;

test('every row of the staleness table has a test that names it', () => {
  const folder = join(repository, 'test');
  const named = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts'))
    .flatMap((name) => [
      ...readFileSync(join(folder, name), 'utf8').matchAll(/^test\('staleness ([\d, and]+): /gm),
    ])
    .flatMap(([, numbers = '']) => numbers.match(/\d+/g)?.map(Number) ?? []);
  const all = Array.from({ length: rowCount }, (_, index) => index + 1);
  assert.deepEqual(
    [...new Set(named)].sort((a, b) => a - b),
    all,
  );
});
