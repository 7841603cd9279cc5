import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { survivorsOf } from '../rig/survivors.ts';
import { TempProject } from '../rig/temp-project.ts';

const apart = ['--user', '--map-root-user', '--mount'];
const skip = spawnSync('unshare', [...apart, 'true']).status === 0 ? false : 'needs unshare';

/** Runs a program with mounts of its own, after `prepare`. */
function run(prepare: string, program: string, env: Record<string, string> = {}): string {
  using project = new TempProject({ 'program.mjs': program });
  writeFileSync(`${project.folder}/prepare.sh`, `set -e\n${prepare}\nexec "$@"\n`);
  const words = [...apart, '/bin/bash', 'prepare.sh', process.execPath, 'program.mjs'];
  const { stdout, stderr, status } = spawnSync('unshare', words, {
    cwd: project.folder,
    encoding: 'utf8',
    env: { ...process.env, ...env },
    timeout: 30_000,
  });
  assert.equal(status, 0, stderr);
  return stdout;
}

test('a pool works where the file system in memory is full', { skip }, () => {
  const prepare = `
    mount -t tmpfs -o size=16k tmpfs /dev/shm
    head -c 16384 /dev/zero > /dev/shm/full`;
  const printed = run(
    prepare,
    `import { Pool } from 'parproc/pool';
     const pool = new Pool({ processes: 2 });
     const give = (value) => value;
     console.log(await pool.apply(give, [1]), (await pool.apply(give, [Buffer.alloc(1 << 20)])).length);
     console.log(await pool.applyAsync(give, [2], { timeout: '30s' }));
     await pool.terminate();`,
  );
  assert.equal(printed, '1 1048576\n2\n');
});

test('without a shell that watches over it an ordinary exit still leaves nothing', {
  skip,
}, async () => {
  const token = `parproc-${process.pid}-${performance.now()}`;
  const printed = run(
    'mount --bind /dev/null /bin/sh',
    `import { Pool } from 'parproc/pool';
     const pool = new Pool({ processes: 1 });
     const job = () => { process.stdout.write('up '); for (;;); };
     const acceptCallback = () => setTimeout(() => process.exit(0), 300);
     await pool.applyAsync(job, [], { acceptCallback });`,
    { PARPROC_TEST_TOKEN: token },
  );
  assert.equal(printed, 'up ');
  assert.deepEqual(await survivorsOf(token), []);
});
