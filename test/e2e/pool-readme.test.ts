import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { repository, TempProject } from '../rig/temp-project.ts';

test('the program in the README maps, iterates, survives a loop and a crash, and ends', () => {
  const readme = readFileSync(join(repository, 'README.md'), 'utf8');
  const section = readme.slice(readme.indexOf('\n## The pool\n'));
  const [, program] = /\n```js\n([\s\S]*?)\n```\n/.exec(section) ?? [];
  assert.ok(program);
  using project = new TempProject({ 'pool.mjs': program });
  const options = { cwd: project.folder, encoding: 'utf8', timeout: 60_000 } as const;
  const { stdout, stderr, status } = spawnSync(process.execPath, ['pool.mjs'], options);
  assert.deepEqual([status, stderr], [0, '']);
  assert.deepEqual(stdout.trim().split('\n'), [
    'primes [ 168, 1229, 9592 ]',
    'digests 1000 8eda7137',
    'limit true The job ran for more than 300 ms.',
    'soft a part of big.iso (SoftTimeLimitExceeded)',
    'fulfilled 25',
    'rejected lost by SIGKILL',
    'fulfilled 168',
    'aborted changed my mind',
  ]);
});
