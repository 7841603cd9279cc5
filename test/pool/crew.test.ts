import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { Crew, type CrewOptions } from '../../lib/pool/crew.ts';
import { inheritedFlags } from '../../lib/pool/inherited-flags.ts';
import {
  ClientJob,
  type Job,
  type JobClient,
  type JobOutcome,
  type JobTraits,
} from '../../lib/pool/job.ts';
import { callOf } from '../../lib/pool/job-call.ts';
import { survivorsOf } from '../rig/survivors.ts';

/** What a task executor would do with a crew, in short. */
class Rig {
  readonly crew: Crew;
  readonly #token = randomUUID();
  readonly #fn = { id: 1, definition: { kind: 'task' }, cost: { ms: undefined } } as never;
  printed = '';
  readonly #heard: (() => void)[] = [];

  constructor(options: Partial<CrewOptions> = {}, setup: object = {}) {
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
    this.crew = new Crew({
      program: {
        entry: fileURLToPath(new URL(`./task-program.${extension}`, import.meta.url)),
        execArgv: inheritedFlags(process.execArgv),
        workDir: process.cwd(),
        env: { ...process.env, PARPROC_TEST_TOKEN: this.#token },
        setup,
        keepsMemory: true,
        takesOutput: true,
      },
      patience: { killGraceMs: 200, drainMs: 500 },
      size: 2,
      maxDepth: 1,
      maxStartFailures: 0,
      ...options,
    });
  }

  run(request: unknown, traits: Partial<JobTraits> = {}, client: Partial<JobClient> = {}) {
    let job: Job | undefined;
    let printed = '';
    const outcome = new Promise<JobOutcome & { printed: string }>((resolve) => {
      const output = (stream: string, text: string): void => {
        printed += stream === 'stdout' ? text : `!${text}`;
        this.printed += text;
        for (const wake of this.#heard.splice(0)) wake();
      };
      const settled = (ended: JobOutcome): void => resolve({ ...ended, printed });
      job = new ClientJob(
        callOf(this.#fn, [request]),
        { settled, output, ...client },
        { isExclusive: true, ...traits },
      );
      this.crew.submit(job);
    });
    return { job: job as unknown as Job, outcome };
  }

  async heard(text: string): Promise<void> {
    while (!this.printed.includes(text)) {
      await new Promise<void>((resolve) => this.#heard.push(resolve));
    }
  }

  survivors(): Promise<string[]> {
    return survivorsOf(this.#token);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.crew.terminate();
    await this.crew.done();
    assert.deepEqual(await this.survivors(), []);
  }
}

const resultOf = async ({ outcome }: ReturnType<Rig['run']>): Promise<unknown> => {
  const ended = await outcome;
  assert.equal(ended.kind, 'returned', inspect(ended));
  return ended.kind === 'returned' ? ended.value : undefined;
};

test('output of a job is whole and in order before it settles, across characters and processes', async () => {
  await using rig = new Rig();
  const { printed } = await rig.run({ kind: 'print', lines: 3000 }).outcome;
  const lines = Array.from({ length: 3000 }, (_, at) => `€ ${at}\n`).join('');
  assert.equal(printed.replaceAll(/!.*\n/g, ''), `${lines}from a child\nafter\n`);
  assert.match(printed, /!warned €\n/);
  const next = await rig.run({ kind: 'print', lines: 0 }).outcome;
  assert.equal(next.printed.replaceAll(/!.*\n/g, ''), 'from a child\nafter\n');
});

test('a job that leaves half a character does not spoil the next', async () => {
  await using rig = new Rig({ size: 1 });
  assert.equal((await rig.run({ kind: 'half' }).outcome).printed, '\ufffd');
  assert.equal((await rig.run({ kind: 'half' }).outcome).printed, '\ufffd');
});

test('values that JSON does not know cross both ways', async () => {
  await using rig = new Rig();
  const value = new Map([['a', [1n, undefined, new Date(0)]]]);
  assert.deepEqual(await resultOf(rig.run({ kind: 'echo', value })), value);
});

test('a start that fails is told once, with the error, and nothing is tried again', async () => {
  for (const isMute of [false, true]) {
    const ups: number[] = [];
    const workerUp = ({ pid }: { pid: number }): void => void ups.push(pid);
    await using rig = new Rig({ workerUp }, { fails: true, isMute });
    const all = await Promise.all([1, 2, 3, 4].map(() => rig.run({ kind: 'echo' }).outcome));
    for (const outcome of all) {
      assert.equal(outcome.kind === 'broken' && outcome.failure.error?.message, 'build file');
    }
    assert.ok(ups.length <= 2, `${ups.length} workers were started`);
  }
});

test('a program that closes its streams while it starts still does its jobs', async () => {
  const ups: number[] = [];
  const workerUp = ({ pid }: { pid: number }): void => void ups.push(pid);
  await using rig = new Rig({ workerUp, size: 1 }, { isMute: true });
  assert.equal(await resultOf(rig.run({ kind: 'echo', value: 1 })), 1);
  assert.equal(await resultOf(rig.run({ kind: 'echo', value: 2 })), 2);
  assert.equal(ups.length, 1);
});

test('a start that is stuck at a top-level await is a failure', async () => {
  await using rig = new Rig({}, { hangs: true });
  const outcome = await rig.run({ kind: 'echo' }).outcome;
  assert.match((outcome.kind === 'broken' && outcome.failure.error?.message) || '', /stuck/);
});

test('the limit ends a job and all of its group before it settles, and takes in what it printed', async () => {
  await using rig = new Rig();
  const { outcome } = rig.run({ kind: 'deaf' }, { hardLimitMs: 600 });
  const ended = await outcome;
  assert.deepEqual({ ...ended, printed: '' }, { kind: 'timed-out', limitMs: 600, printed: '' });
  assert.equal(ended.printed, 'last words\n');
  assert.deepEqual(await rig.survivors(), []);
});

test('no worker is started for a job that was given up while it waited', async () => {
  await using rig = new Rig({ size: Number.POSITIVE_INFINITY });
  const one = rig.run({ kind: 'echo', value: 1 });
  const unwanted = rig.run({ kind: 'echo', value: 2 });
  await Promise.resolve();
  assert.equal(rig.crew.workers.length, 2);
  rig.crew.terminateJob(unwanted.job, 'SIGTERM');
  const three = rig.run({ kind: 'echo', value: 3 });
  assert.deepEqual([await resultOf(one), await resultOf(three)], [1, 3]);
  assert.equal(rig.crew.workers.length, 2);
});

test('a limit that is paused while the job waits for its parent does not pass', async () => {
  await using rig = new Rig();
  const limits = { hardLimitMs: 300 };
  const ran = rig.run({ kind: 'ask', question: { n: 2n } }, limits, {
    asked: async (question) => {
      ran.job.limits?.pause();
      await new Promise((resolve) => setTimeout(resolve, 600));
      ran.job.limits?.resume();
      return (question as { n: bigint }).n + 1n;
    },
  });
  assert.equal(await resultOf(ran), 3n);
});

test('a question that the parent cannot answer rejects in the job, with the error', async () => {
  await using rig = new Rig();
  const asked = (): never => {
    throw Object.assign(new RangeError('no such task'), { code: 'E_TASK' });
  };
  const { outcome } = rig.run({ kind: 'ask', question: 1 }, {}, { asked });
  const ended = await outcome;
  assert.equal(ended.kind, 'threw');
  const { name, message, code } = ended.kind === 'threw' ? ended.error : ({} as never);
  assert.deepEqual([name, message, code], ['RangeError', 'no such task', 'E_TASK']);
});

test('a job that waits for an answer is not taken for one that can never complete', async () => {
  await using rig = new Rig();
  const stuck = await rig.run({ kind: 'never' }).outcome;
  assert.equal(stuck.kind, 'never-completed');
  assert.equal(await resultOf(rig.run({ kind: 'echo', value: 1 })), 1);
});

test('the soft limit and cancel reach the job as its signal', async () => {
  await using rig = new Rig();
  const soft = await resultOf(rig.run({ kind: 'until-aborted' }, { softLimitMs: 50 }));
  assert.equal(soft, 'SoftTimeLimitExceeded');
  const ran = rig.run({ kind: 'until-aborted' });
  await rig.heard('waiting');
  rig.crew.cancel(ran.job);
  assert.equal((await ran.outcome).kind, 'cancelled');
});

test('a cancelled job that does not listen is ended, and no other is harmed', async () => {
  await using rig = new Rig();
  const deaf = rig.run({ kind: 'deaf' });
  const other = rig.run({ kind: 'sleep', ms: 600, value: 'whole' });
  await rig.heard('last words');
  rig.crew.cancel(deaf.job);
  assert.equal((await deaf.outcome).kind, 'cancelled');
  assert.equal(await resultOf(other), 'whole');
});

test('of idle workers the one that is warm for a job gets it, else the one that is warm for least', async () => {
  await using rig = new Rig();
  await rig.crew.warmUp();
  const pid = (affinity: string, ms = 0) => rig.run({ kind: 'sleep', ms }, { affinity });
  const [a, b] = await Promise.all([resultOf(pid('a', 100)), resultOf(pid('b', 100))]);
  assert.notEqual(a, b);
  for (const [affinity, expected] of [
    ['b', b],
    ['a', a],
    ['b', b],
  ] as const) {
    assert.equal(await resultOf(pid(affinity)), expected);
  }
  const c = await resultOf(pid('c'));
  const d = await resultOf(pid('d'));
  assert.deepEqual(new Set([c, d]), new Set([a, b]));
});

test('a job that wants a fresh worker gets one that has run nothing and ends after it', async () => {
  await using rig = new Rig({ size: 1 });
  const first = await resultOf(rig.run({ kind: 'sleep', ms: 0 }));
  const fresh = await resultOf(rig.run({ kind: 'sleep', ms: 0 }, { isFresh: true }));
  const last = await resultOf(rig.run({ kind: 'sleep', ms: 0 }));
  assert.equal(new Set([first, fresh, last]).size, 3);
});

test('directory, environment, umask and exit code are put back between jobs', async () => {
  await using rig = new Rig({ size: 1 });
  const before = await resultOf(rig.run({ kind: 'surroundings' }));
  await rig.run({ kind: 'mess' }).outcome;
  assert.deepEqual(await resultOf(rig.run({ kind: 'surroundings' })), before);
});

test('an error that nobody caught fails the job that runs, and its worker gets no other', async () => {
  await using rig = new Rig({ size: 1 });
  const first = await resultOf(rig.run({ kind: 'sleep', ms: 0 }));
  const blamed = await rig.run({ kind: 'stray-rejection' }).outcome;
  assert.equal(blamed.kind === 'threw' && blamed.error.message, 'nobody caught it');
  assert.notEqual(await resultOf(rig.run({ kind: 'sleep', ms: 0 })), first);
});

test('a lost worker is told with pid, signal and the end of its stderr', async () => {
  await using rig = new Rig();
  const lost = await rig.run({ kind: 'die' }).outcome;
  assert.ok(lost.kind === 'lost');
  assert.deepEqual([lost.exitCode, lost.signal], [null, 'SIGKILL']);
  assert.match(lost.stderr, /last words/);
  assert.match(lost.printed, /!last words/);
});
