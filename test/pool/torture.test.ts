import assert from 'node:assert/strict';
import { randomInt, randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { moduleRefs, Pool, WorkerLostError } from '../../lib/pool/index.ts';
import { Host, openDescriptors } from '../conformance/host.ts';
import { survivorsOf } from '../rig/survivors.ts';
import { TempProject } from '../rig/temp-project.ts';

const jobs = moduleRefs<typeof import('./torture-jobs.ts')>(
  new URL(`./torture-jobs.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url),
);
const jobCount = 20_000;
const killCount = 100;
const exitCount = 25;

test('20,000 jobs under 100 killed workers: each settles once, at most one is lost per kill, none runs twice', async (t) => {
  using project = new TempProject();
  const log = `${project.folder}/started`;
  writeFileSync(log, '');
  const token = randomUUID();
  // What Node opens for the first child of all stays open.
  await using first = new Pool({ processes: 1 });
  await first.warmUp();
  await first.terminate();
  const before = openDescriptors();
  const env = { ...process.env, PARPROC_TEST_TOKEN: token };
  const pool = new Pool({ processes: 4, maxRestarts: 1000, env });
  await pool.warmUp();

  const results = new Map<number, number>();
  const lost = new Map<number, WorkerLostError>();
  let settled = 0;
  let kills = 0;
  const settle = (): void => {
    settled += 1;
    if (settled % 200 === 0 && kills < killCount - exitCount) {
      const victims = pool.workers;
      const victim = victims[randomInt(victims.length)];
      if (victim !== undefined) killHow(victim.pid, kills++);
    }
  };
  const exitEvery = jobCount / exitCount;
  const all = Array.from({ length: jobCount }, async (_, id) => {
    const doesExit = id % exitEvery === exitEvery / 2;
    try {
      const result = await pool.apply(jobs.note, [log, id, doesExit]);
      assert.ok(!results.has(id) && !lost.has(id));
      results.set(id, result);
    } catch (error) {
      assert.ok(error instanceof WorkerLostError, String(error));
      assert.ok(!results.has(id) && !lost.has(id));
      lost.set(id, error);
    }
    settle();
  });
  await Promise.all(all);

  assert.equal(results.size + lost.size, jobCount);
  for (const [id, result] of results) assert.equal(result, id * 2);
  const started = readFileSync(log, 'utf8').trim().split('\n').map(Number);
  assert.equal(new Set(started).size, started.length, 'a job has run twice');
  const ran = new Set(started);
  assert.ok([...results.keys()].every((id) => ran.has(id)));
  assert.ok(lost.size <= killCount, `${lost.size} lost`);
  const ends = new Set([...lost.values()].map(({ signal, exitCode }) => signal ?? exitCode));
  for (const end of ends) assert.ok(['SIGKILL', 'SIGSEGV', 0].includes(end as never), String(end));
  const exits = [...lost.values()].filter(({ exitCode }) => exitCode === 0);
  assert.ok(exits.length <= exitCount);
  t.diagnostic(`${kills + exitCount} kills, ${lost.size} jobs lost, ended by ${[...ends].join()}`);

  await pool.terminate();
  assert.equal(openDescriptors(), before);
  assert.deepEqual(await survivorsOf(token), []);
});

function killHow(pid: number, count: number): void {
  if (count % 3 === 0) send(pid, 'SIGKILL');
  if (count % 3 === 1) send(pid, 'SIGSEGV');
  if (count % 3 === 2) {
    send(pid, 'SIGSTOP');
    setTimeout(() => send(pid, 'SIGKILL'), 5);
  }
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    // It was on its way out already.
    assert.equal((error as NodeJS.ErrnoException).code, 'ESRCH');
  }
}

test('when the program is killed, endless loops and what they have started are gone within a second', async () => {
  const host = new Host(`
    const four = new Pool({ processes: 4 });
    for (let job = 0; job < 4; job++) {
      void four.apply(() => {
        const { spawn } = process.getBuiltinModule('node:child_process');
        spawn('sleep', ['1000']);
        const deaf = 'trap "" TERM HUP INT; while :; do sleep 1; done';
        spawn('sh', ['-c', deaf], { detached: true, stdio: 'ignore' });
        process.on('SIGTERM', () => {});
        process.stdout.write('up ');
        for (;;);
      });
    }
  `);
  await host.heard('up up up up ');
  host.child.kill('SIGKILL');
  await host.ended();
  assert.deepEqual(await survivorsOf(host.token), []);
});
