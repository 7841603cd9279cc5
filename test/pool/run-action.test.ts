import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { PassThrough, Readable, Writable } from 'node:stream';
import { test } from 'node:test';
import type { TaskContext } from '../../lib/model/context.ts';
import type { Action } from '../../lib/model/definition.ts';
import { runAction } from '../../lib/pool/run-action.ts';
import type { TaskLink } from '../../lib/pool/task-context.ts';
import { requestOf } from './test-pool.ts';

/** Nobody answers, nothing is aborted. */
const link: TaskLink = {
  signal: new AbortController().signal,
  call: () => Promise.reject(new Error('nobody answers')),
};

type Done = (error?: unknown, value?: unknown) => void;

/** The value, or what the error says. */
async function endOf(run: Action['run'], kind: Action['kind'] = 'action'): Promise<unknown> {
  const { outcome } = await runAction({ action: { kind, run } }, {}, requestOf('t'), link);
  if (outcome.kind === 'succeeded') return outcome.value;
  return outcome.kind === 'failed' && outcome.failure.reason === 'threw'
    ? `threw ${outcome.failure.error.message}`
    : outcome;
}

function shell(script: string): ReturnType<typeof spawn> {
  return spawn('sh', ['-c', script], { stdio: 'ignore' });
}

test('what an action returns ends it, undefined included', async () => {
  assert.equal(await endOf(() => 7), 7);
  assert.equal(await endOf(() => undefined), undefined);
  assert.equal(await endOf((_ctx: unknown, _args: unknown) => null), null);
});

test('a promise ends it with its value, or with what it was rejected for', async () => {
  assert.deepEqual(await endOf(() => Promise.resolve([1])), [1]);
  assert.equal(await endOf(() => Promise.reject(new Error('no'))), 'threw no');
  assert.equal(
    await endOf(() => {
      throw new Error('at once');
    }),
    'threw at once',
  );
});

test('with three parameters done ends it, whatever else is returned', async () => {
  assert.equal(await endOf((_c: unknown, _a: unknown, done: Done) => done(null, 3)), 3);
  assert.equal(
    await endOf((_c: unknown, _a: unknown, done: Done) => {
      setImmediate(done, null, 'by done');
      return 'by return';
    }),
    'by done',
  );
  assert.equal(
    await endOf(async (_c: unknown, _a: unknown, done: Done) => {
      setImmediate(done, null, 'by done');
    }),
    'by done',
  );
  assert.equal(
    await endOf((_c: unknown, _a: unknown, done: Done) => done(new Error('no'))),
    'threw no',
  );
});

test('with three parameters a rejected promise still fails it', async () => {
  const run = async (_c: unknown, _a: unknown, _done: Done): Promise<void> => {
    throw new Error('before done');
  };
  assert.equal(await endOf(run), 'threw before done');
});

test('a stream is read to its end, its value is undefined, its error fails the task', async () => {
  const seen: number[] = [];
  const through = new PassThrough({ objectMode: true });
  through.on('data', (item: number) => seen.push(item));
  assert.equal(await endOf(() => Readable.from([1, 2]).pipe(through)), undefined);
  assert.deepEqual(seen, [1, 2]);
  const broken = new Readable({
    read() {
      this.destroy(new Error('broken'));
    },
  });
  assert.equal(await endOf(() => broken), 'threw broken');
});

test('a promise for a stream waits for that stream, also if it had ended before', async () => {
  const events: string[] = [];
  const slow = new Writable({
    write(_chunk, _encoding, written) {
      setImmediate(() => {
        events.push('written');
        written();
      });
    },
  });
  slow.end('x');
  assert.equal(await endOf(async () => slow), undefined);
  assert.deepEqual(events, ['written']);
  assert.equal(await endOf(async () => slow), undefined);
});

test('a stream that was destroyed before its end does not count as ended', async () => {
  const cut = Readable.from([1, 2]);
  cut.destroy();
  await once(cut, 'close');
  assert.equal(await endOf(async () => cut), 'threw Premature close');
});

test('an emitter ends it by end', async () => {
  const emitter = new EventEmitter();
  setImmediate(() => emitter.emit('end'));
  assert.equal(await endOf(() => emitter), undefined);
});

test('an observable ends it with its last value', async () => {
  const observable = {
    subscribe(next: (value: number) => void, _error: unknown, complete: () => void) {
      next(1);
      next(2);
      setImmediate(complete);
    },
  };
  assert.equal(await endOf(() => observable), 2);
});

test('a child process succeeds by exit code 0 only, whether returned, promised or over', async () => {
  assert.equal(await endOf(() => shell('exit 0')), undefined);
  assert.equal(await endOf(() => shell('exit 3')), 'threw exited with error code: 3');
  assert.equal(await endOf(() => shell('kill -9 $$')), 'threw was ended by SIGKILL');
  assert.equal(await endOf(async () => shell('exit 3')), 'threw exited with error code: 3');
  assert.equal(await endOf(() => spawn('/no/such')), 'threw spawn /no/such ENOENT');
  const over = shell('exit 4');
  await once(over, 'exit');
  assert.equal(await endOf(async () => over), 'threw exited with error code: 4');
});

test('an error thrown later, while the task runs, fails it and carries no mark of ours', async () => {
  const { outcome } = await runAction(
    {
      action: {
        kind: 'action',
        run: () =>
          new Promise(() => {
            setImmediate(() => {
              throw new Error('later');
            });
          }),
      },
    },
    {},
    requestOf('t'),
    link,
  );
  const error =
    outcome.kind === 'failed' && outcome.failure.reason === 'threw' && outcome.failure.error;
  assert.deepEqual(error && { message: error.message, own: error.own }, {
    message: 'later',
    own: undefined,
  });
});

test("a gulp function is held to gulp's rules: done, stream or promise, and no context", async () => {
  const seen: unknown[] = [];
  const byDone = (...given: [Done]): void => {
    seen.push(...given.map((each) => typeof each));
    given[0](null);
  };
  assert.equal(await endOf(byDone, 'gulp'), undefined);
  assert.deepEqual(seen, ['function']);
  assert.equal(await endOf(async () => 1, 'gulp'), 1);
  assert.equal(await endOf(() => Readable.from([1]), 'gulp'), undefined);
});

test('the context has the results of the deps, by any name, and refuses others', async () => {
  const results = new Map<string, unknown>([
    ['__proto__', 1],
    ['styles::dev', { css: 2 }],
  ]);
  let ctx: TaskContext | undefined;
  const run = (given: TaskContext): void => {
    ctx = given;
  };
  await runAction({ action: { kind: 'action', run } }, {}, requestOf('site', results), link);
  assert.deepEqual(Object.keys(ctx?.results ?? {}), ['__proto__', 'styles::dev']);
  assert.deepEqual(ctx?.result({ kind: 'ref', name: 'styles::dev' } as never), { css: 2 });
  assert.throws(
    () => ctx?.result({ kind: 'ref', name: 'toString' } as never),
    /'toString' is not among the deps of 'site'/,
  );
});
