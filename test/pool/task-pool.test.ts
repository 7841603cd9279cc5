import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { childEntry } from '../../lib/run/child-entry.ts';
import { survivorsOf } from '../rig/survivors.ts';
import { repository, TempProject } from '../rig/temp-project.ts';
import { libUrl, requestOf, setupOf, TestPool } from './test-pool.ts';

const nodeFlags = process.execArgv.filter((flag) => !flag.startsWith('--test'));

/** Source of a program that has opened a pool with a task `pid`, as `pool` and `request`. */
function programSource(project: TempProject): string {
  const poolUrl =
    new URL('./pool/open-task-pool', libUrl).href + libUrl.slice(libUrl.lastIndexOf('.'));
  return `
    import { openTaskPool } from ${JSON.stringify(poolUrl)};
    const pool = openTaskPool({
      setup: ${JSON.stringify(setupOf(project, 'tasks.mjs'))},
      childEntry: ${JSON.stringify(childEntry())},
      killGraceMs: 300,
    });
    const request = { ...${JSON.stringify(requestOf('pid'))}, results: new Map() };
    const terms = { isolate: false, signal: new AbortController().signal };
    const run = async () => (await pool.run(request, terms, { onOutput() {} })).outcome;
  `;
}

function pidProject(): TempProject {
  return new TempProject({
    'tasks.mjs': `import { task } from '${libUrl}';\ntask('pid').action(() => process.pid);`,
  });
}

const holdSource = `
  task('pid').action(() => process.pid);
  task('hold').action(() => new Promise((resolve) => {
    const pending = setInterval(() => {}, 1000);
    process.once('SIGUSR2', () => {
      clearInterval(pending);
      resolve(process.pid);
    });
    console.log('holding');
  }));
`;

test('a task takes an idle worker; only if all are busy another one starts', async () => {
  await using pool = new TestPool(holdSource);
  const first = await pool.valueOf('pid');
  const held = pool.valueOf('hold');
  await pool.heard('holding');
  assert.notEqual(await pool.valueOf('pid'), first);
  process.kill(Number(first), 'SIGUSR2');
  assert.equal(await held, first);
});

test('of several idle workers the one that has run the task before takes it', async () => {
  await using pool = new TestPool(`
    ${holdSource}
    task('other').action(() => process.pid);
  `);
  const first = await pool.valueOf('pid');
  const held = pool.valueOf('hold');
  await pool.heard('holding');
  const second = await pool.valueOf('other');
  process.kill(Number(first), 'SIGUSR2');
  await held;
  assert.deepEqual([await pool.valueOf('other'), await pool.valueOf('pid')], [second, first]);
  assert.equal(await pool.valueOf('other'), second);
});

test('a task that wants a worker of its own gets a fresh one, which ends with it', async () => {
  await using pool = new TestPool(holdSource);
  const shared = await pool.valueOf('pid');
  const alone = await pool.valueOf('pid', { isolate: true });
  assert.notEqual(alone, shared);
  assert.notEqual(await pool.valueOf('pid', { isolate: true }), alone);
  assert.equal(await pool.valueOf('pid'), shared);
});

test('a time limit stands still while a task waits for others, not while it only asks', async () => {
  await using pool = new TestPool(`
    task('wait').action(async (ctx) => { await ctx.run('other'); return 'went on'; });
    task('create').action((ctx) => ctx.create('other'));
  `);
  const onCall = async () => {
    await new Promise((resolve) => setTimeout(resolve, 900));
    return new Map();
  };
  assert.equal(await pool.valueOf('wait', { limitMs: 600, onCall }), 'went on');
  assert.equal((await pool.failureOf('create', { limitMs: 600, onCall })).reason, 'timed-out');
});

test('a build file that throws when it is imported is one error and one start, then nothing', async () => {
  await using pool = new TestPool(`
    import { appendFileSync } from 'node:fs';
    appendFileSync('starts', 'x');
    throw Object.assign(new Error('cannot load'), { code: 'E_LOAD' });
  `);
  const { reason, error } = await pool.failureOf('any');
  assert.deepEqual(
    [reason, error?.message, error?.code],
    ['worker-start-failed', 'cannot load', 'E_LOAD'],
  );
  assert.deepEqual((await pool.run('any')).outcome, { kind: 'cancelled' });
  assert.equal(readFileSync(join(pool.project.folder, 'starts'), 'utf8'), 'x');
});

test('of tasks that wait for workers which cannot start one fails, the others are cancelled', async () => {
  await using pool = new TestPool(`throw new Error('cannot load');`);
  const ran = await Promise.all(['a', 'b', 'c'].map((task) => pool.run(task)));
  const kinds = ran.map(({ outcome }) => outcome.kind).sort();
  assert.deepEqual(kinds, ['cancelled', 'cancelled', 'failed']);
});

test('a task that runs is left to end when another worker cannot start', async () => {
  await using pool = new TestPool(`
    import { existsSync, writeFileSync } from 'node:fs';
    if (existsSync('broken')) throw new Error('cannot load');
    writeFileSync('broken', '');
    ${holdSource}
  `);
  const first = await pool.valueOf('pid');
  const held = pool.valueOf('hold');
  await pool.heard('holding');
  assert.equal((await pool.failureOf('pid')).reason, 'worker-start-failed');
  process.kill(Number(first), 'SIGUSR2');
  assert.equal(await held, first);
});

test('a process that ends while it imports fails the start with its exit code and stderr', async () => {
  await using pool = new TestPool(`
    import { writeSync } from 'node:fs';
    writeSync(2, 'no licence\\n');
    process.exit(5);
  `);
  assert.deepEqual(await pool.failureOf('any'), {
    reason: 'worker-start-failed',
    exitCode: 5,
    signal: null,
    stderr: 'no licence\n',
  });
});

test('of a start that failed the last 8 KiB of stderr are kept', async () => {
  await using pool = new TestPool(`
    import { writeSync } from 'node:fs';
    writeSync(2, 'x'.repeat(20_000) + 'end');
    process.exit(5);
  `);
  const { stderr } = await pool.failureOf('any');
  assert.equal(stderr, `${'x'.repeat(8189)}end`);
});

test('a folder to start in that does not exist is named', async () => {
  await using pool = new TestPool('', { setup: { startDir: '/no/such/folder' } });
  const { reason, stderr } = await pool.failureOf('any');
  assert.equal(reason, 'worker-start-failed');
  assert.match(String(stderr), /ENOENT \(in \/no\/such\/folder\)/);
});

test('an environment that the system refuses is a failure of the task, not an exception', async () => {
  await using pool = new TestPool('');
  process.env['PARPROC_TEST_HUGE'] = 'x'.repeat(200_000);
  const { reason, error } = await pool.failureOf('any');
  delete process.env['PARPROC_TEST_HUGE'];
  assert.deepEqual([reason, error?.code], ['worker-start-failed', 'E2BIG']);
});

test('with too few file descriptors one task fails, the others are cancelled, and nothing throws', () => {
  using project = pidProject();
  const program = `${programSource(project)}
    const outcomes = await Promise.all(Array.from({ length: 20 }, run));
    console.log(JSON.stringify(outcomes));
    pool.kill();
  `;
  project.write('program.mjs', program);
  const script = 'ulimit -n 50 && exec "$@"';
  const argv = [process.execPath, ...nodeFlags, join(project.folder, 'program.mjs')];
  const { stdout, stderr } = spawnSync('sh', ['-c', script, 'sh', ...argv], {
    cwd: repository,
    encoding: 'utf8',
  });
  const outcomes = JSON.parse(stdout) as { kind: string; failure?: { stderr: string } }[];
  const failed = outcomes.filter(({ kind }) => kind === 'failed');
  assert.equal(failed.length, 1, stderr);
  assert.match(failed[0]?.failure?.stderr ?? '', /EMFILE/);
  assert.equal(outcomes.filter(({ kind }) => kind === 'cancelled').length, 19);
});

test('cancel ends what runs and what starts, as cancelled, and later tasks at once', async () => {
  await using pool = new TestPool(holdSource);
  const held = pool.run('hold');
  await pool.heard('holding');
  const starting = pool.run('pid');
  await pool.pool.cancel();
  assert.deepEqual(await pool.survivors(), []);
  const outcomes = [await held, await starting, await pool.run('pid')];
  assert.deepEqual(
    outcomes.map(({ outcome }) => outcome.kind),
    ['cancelled', 'cancelled', 'cancelled'],
  );
});

test('a task that makes the best of SIGTERM is cancelled all the same', async () => {
  await using pool = new TestPool(
    `
    task('polite').action(() => new Promise((resolve) => {
      const pending = setInterval(() => {}, 1000);
      process.once('SIGTERM', () => { clearInterval(pending); resolve('half done'); });
      console.log('holding');
    }));
  `,
  );
  const held = pool.run('polite');
  await pool.heard('holding');
  await pool.pool.cancel();
  assert.deepEqual((await held).outcome, { kind: 'cancelled' });
});

test('kill ends all groups at once', async () => {
  await using pool = new TestPool(holdSource);
  const held = pool.run('hold');
  await pool.heard('holding');
  pool.pool.kill();
  assert.equal((await held).outcome.kind, 'failed');
  assert.deepEqual(await pool.survivors(), []);
});

test('a program whose pool is idle ends by itself, and no worker outlives it', async () => {
  using project = pidProject();
  project.write('program.mjs', `${programSource(project)} console.log((await run()).kind);`);
  const token = randomUUID();
  const child = spawn(process.execPath, [...nodeFlags, join(project.folder, 'program.mjs')], {
    cwd: repository,
    env: { ...process.env, PARPROC_TEST_TOKEN: token },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let stdout = '';
  child.stdout.on('data', (text: Buffer) => {
    stdout += text.toString();
  });
  const [code] = (await once(child, 'close')) as [number];
  assert.deepEqual([code, stdout], [0, 'succeeded\n']);
  assert.deepEqual(await survivorsOf(token), []);
});

test('an idle worker does not outlive a parent that was killed', async () => {
  using project = pidProject();
  const program = `${programSource(project)}
    await run();
    console.log('idle');
    setInterval(() => {}, 1000);
  `;
  project.write('program.mjs', program);
  const token = randomUUID();
  const child = spawn(process.execPath, [...nodeFlags, join(project.folder, 'program.mjs')], {
    cwd: repository,
    env: { ...process.env, PARPROC_TEST_TOKEN: token },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  child.kill('SIGKILL');
  await once(child, 'exit');
  assert.deepEqual(await survivorsOf(token), []);
});
