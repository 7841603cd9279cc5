import assert from 'node:assert/strict';
import { obeySource, Theatre } from '../rig/puppet.ts';
import { modes, runScript } from '../rig/run-script.ts';
import { endOfRows, row } from './rows.ts';

for (const mode of modes) {
  for (const [id, parallel] of [
    ['S1a', 1],
    ['S1b', 10],
  ] as const) {
    row(
      id,
      `a dep may be defined after what needs it [${mode}, parallel ${parallel}]`,
      async () => {
        const { told } = await runScript(
          `task('t1').deps('t2').now().action((ctx) => 'You' + ctx.results.t2);
         task('t2').now().action(() => 'Me');
         await waitForAll();
         tell(results());`,
          { mode, options: `parallel: ${parallel}` },
        );
        assert.deepEqual(told, [{ t1: 'YouMe', t2: 'Me' }]);
      },
    );
  }

  row('S2a', `with one slot tasks run one by one, in the order asked for [${mode}]`, async () => {
    const { marks } = await runScript(
      `const act = (ctx) => {
         mark(ctx.name + ' starts');
         return new Promise((resolve) => setImmediate(resolve)).then(() => mark(ctx.name + ' ends'));
       };
       task('t1').locks('L').action(act);
       task('t2').locks('L').action(act);
       task('t3').action(act);
       await run('t1', 't2', 't3');`,
      { mode, options: 'parallel: 1' },
    );
    const expected = ['t1', 't2', 't3'].flatMap((name) => [`${name} starts`, `${name} ends`]);
    assert.deepEqual(marks, expected);
  });

  row('S2b', `a lock holds one task back, a free slot takes the next [${mode}]`, async () => {
    using theatre = await Theatre.open();
    await runScript(
      `${obeySource(theatre.port)}
       const act = (ctx) => obey(ctx.name);
       task('t1').locks('L').action(act);
       task('t2').locks('L').action(act);
       task('t3').action(act);
       await run('t1', 't2', 't3');`,
      {
        mode,
        options: 'parallel: 10',
        during: async () => {
          await Promise.all([theatre.started('t1'), theatre.started('t3')]);
          // All that could start has started once t3, which was looked at last, has.
          assert.ok(!theatre.log.includes('started t2'));
          await theatre.order('t3', 'ok');
          await theatre.order('t1', 'ok');
          await theatre.order('t2', 'ok');
        },
      },
    );
    assert.deepEqual(theatre.log.indexOf('started t2'), 2);
  });

  row('S3', `only what is wanted runs, and what it needs [${mode}]`, async () => {
    const { told } = await runScript(
      `task('x1').action(() => 1);
       task('x2').deps('x1').action(() => 2);
       task('x3').action(() => 3);
       task('x4').deps('x3').now().action(() => 4);
       await waitForAll();
       tell(results());
       tell(Object.fromEntries(states()));
       await start('x2');
       await wait('x2');
       tell(results());`,
      { mode },
    );
    assert.deepEqual(told, [
      { x3: 3, x4: 4 },
      { x1: 'idle', x2: 'idle', x3: 'succeeded', x4: 'succeeded' },
      { x1: 1, x2: 2, x3: 3, x4: 4 },
    ]);
  });

  row('S4', `a task reads a line from standard input [${mode}]`, async () => {
    const { told, stderr } = await runScript(
      `task('ask').action((ctx) => ctx.input('Well? '));
       await run('ask');
       tell(results());`,
      { mode, input: 'the input\n' },
    );
    assert.deepEqual(told, [{ ask: 'the input' }]);
    assert.match(stderr, /Well\? /);
  });

  row(
    'S4',
    `each question gets a line of its own, also of a pipe that has ended [${mode}]`,
    async () => {
      const { told } = await runScript(
        `task('one').action((ctx) => ctx.input('1? '));
       task('two').deps('one').action((ctx) => ctx.input('2? '));
       task('three').deps('two').action((ctx) => ctx.input('3? '));
       const error = await run('three').catch((e) => e.result.tasks.get('three').failure);
       tell([results(), error.reason, error.error.message]);`,
        { mode, input: 'first\nsecond\n' },
      );
      const why = "Nobody answered '3? ': standard input has ended.";
      assert.deepEqual(told, [[{ one: 'first', two: 'second', three: undefined }, 'threw', why]]);
    },
  );

  row(
    'S6',
    `(changed): a failure is undefined in the results, dependants are not there [${mode}]`,
    async () => {
      const { told } = await runScript(
        `task('p0').now().action(() => { throw new Error('no'); });
       task('p1').deps('p0').now().action(() => 1);
       task('p2').deps('p1').now().action(() => 2);
       tell(await errorOf(waitForAll()));
       tell(results());
       tell([...states().values()]);`,
        { mode },
      );
      const error = {
        name: 'RunFailed',
        code: undefined,
        message: 'Task failed: p0',
        tasks: ['p0'],
      };
      assert.deepEqual(told, [
        error,
        { p0: undefined },
        ['failed', 'dependency-failed', 'dependency-failed'],
      ]);
    },
  );

  row('S7', `a task fails with exactly the message that it declares [${mode}]`, async () => {
    const { told, stdout } = await runScript(
      `import { TaskFailedError } from 'parproc';
       task('thrown').action(() => { throw new TaskFailedError('no disk: 100 %'); });
       task('said').action((ctx) => ctx.fail('no paper'));
       const failed = run('thrown', 'said');
       tell(await waitForAll({ throwOnFailure: false }));
       const { result } = await failed.catch((error) => error);
       for (const name of ['thrown', 'said']) tell(result.tasks.get(name).failure);
       tell([...states().values()]);`,
      { mode },
    );
    assert.deepEqual(told, [
      false,
      { reason: 'declared', message: 'no disk: 100 %' },
      { reason: 'declared', message: 'no paper' },
      ['failed', 'failed'],
    ]);
    assert.match(stdout, /no disk: 100 %/);
    assert.doesNotMatch(stdout, /build\.mjs:\d+:\d+\)/);
  });

  row('S8', `a task without an action groups its deps [${mode}]`, async () => {
    const { told } = await runScript(
      `task('f0').action(() => 'ay');
       task('f1').action(() => 'ya');
       task('f').deps('f0', 'f1').now();
       tell(await wait('f'));
       tell(results());`,
      { mode },
    );
    assert.deepEqual(told, [{ f: undefined }, { f0: 'ay', f1: 'ya', f: undefined }]);
  });

  row('S11', `run() takes a plain task by its name [${mode}]`, async () => {
    const { told } = await runScript(
      `task('here').action((ctx) => 'ran ' + ctx.name);
       const { ok, results: found } = await run('here');
       tell([ok, found]);`,
      { mode },
    );
    assert.deepEqual(told, [[true, { here: 'ran here' }]]);
  });

  row('S12', `a task that is asked for three times at once runs once [${mode}]`, async () => {
    using theatre = await Theatre.open();
    const { told, marks } = await runScript(
      `${obeySource(theatre.port)}
       task('once').action((ctx) => { mark('ran'); return obey(ctx.name); });
       tell(await start('once'));
       tell(await start('once'));
       const running = run('once');
       tell('asked');
       tell((await running).ok);`,
      {
        mode,
        during: async (_child, untilTold) => {
          await untilTold(3);
          await theatre.order('once', 'ok');
        },
      },
    );
    assert.deepEqual(told, [['once'], ['once'], 'asked', true]);
    assert.deepEqual(marks, ['ran']);
  });
}

row('S9', 'a result that cannot be sent is a failure that names its field', async () => {
  const { told } = await runScript(
    `task('f').action(() => ({ files: [{ close() {} }] }));
     task('after').deps('f').action(() => 1);
     const { result } = await run('after').catch((error) => error);
     tell(result.tasks.get('f').failure);
     tell([results(), ...states().values()]);`,
    { mode: 'pool' },
  );
  const [failure, ...others] = told as [Record<'reason' | 'path' | 'message', unknown>, unknown];
  assert.equal(failure.reason, 'not-serialisable');
  assert.equal(failure.path, 'result.files[0].close');
  assert.match(String(failure.message), /only plain data can be sent/);
  assert.deepEqual(others, [[{ f: undefined }, 'failed', 'dependency-failed']]);
});

for (const mode of modes) {
  row(
    'S9',
    `(changed): what JSON cannot hold reaches dependants and is not recorded [${mode}]`,
    async () => {
      const { told, stdout } = await runScript(
        `task('m').inputs('package.json').action(() => { mark('ran'); return new Map([['a', 1n]]); });
       task('after').deps('m').noSkip().action((ctx) => ctx.results.m.get('a') === 1n);
       for (const _ of [1, 2]) {
         const { tasks } = await run('after');
         tell([results(), tasks.get('m').state]);
       }`,
        { mode, options: `cache: 'kept.sqlite'` },
      );
      const once = [{ m: new Map([['a', 1n]]), after: true }, 'succeeded'];
      assert.deepEqual(told, [once, once]);
      assert.equal(
        stdout.match(/m runs every time: result is nothing that JSON can hold/g)?.length,
        1,
        stdout,
      );
    },
  );
}

row(
  'S13',
  'a worker that ends fails its task with the exit code, and the rest goes on',
  async () => {
    const { told, marks } = await runScript(
      `task('gone').action(() => process.exit(17));
     task('next').action(() => mark('next ran'));
     const { result } = await run('gone', 'next').catch((error) => error);
     tell(result.tasks.get('gone').failure);
     tell([...states().values()]);`,
      { mode: 'pool', options: 'parallel: 1' },
    );
    assert.deepEqual(told, [
      { reason: 'lost', exitCode: 17, signal: null },
      ['failed', 'succeeded'],
    ]);
    assert.deepEqual(marks, ['next ran']);
  },
);

for (const [mode, title, made] of [
  ['pool', 'an object of a class is a plain one in the results', 'Object'],
  ['single', '(changed): within one process the object itself is handed on', 'Model'],
] as const) {
  row('S10', `${title} [${mode}]`, async () => {
    const { told } = await runScript(
      `class Model { constructor() { this.id = 7; this.tags = ['a']; } }
       task('m').action(() => new Model());
       task('after').deps('m').action((ctx) => ctx.results.m.constructor.name);
       await run('after');
       const { m, after } = results();
       tell([m, m.constructor.name, after]);`,
      { mode },
    );
    assert.deepEqual(told, [[{ id: 7, tags: ['a'] }, made, made]]);
  });
}

endOfRows(import.meta.url);
