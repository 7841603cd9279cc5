import assert from 'node:assert/strict';
import { clear, configure, create, run, task } from '../../lib/index.ts';
import { obeySource, Theatre } from '../rig/puppet.ts';
import { modes, runScript } from '../rig/run-script.ts';
import { rowInBothModes } from './row-in-both-modes.ts';
import { endOfRows, row } from './rows.ts';

row('X5', 'a task that passes its limit takes nobody with it (V5)', async () => {
  using theatre = await Theatre.open();
  const { told } = await runScript(
    `${obeySource(theatre.port)}
     task('late').timeout(100).action((ctx) => obey(ctx.name));
     for (const name of ['one', 'two']) task(name).action((ctx) => obey(ctx.name));
     const siblings = run('one', 'two');
     tell(await errorOf(wait('late')));
     tell((await siblings).ok);`,
    {
      mode: 'pool',
      options: 'parallel: 3',
      during: async (_child, untilTold) => {
        await Promise.all(['late', 'one', 'two'].map((name) => theatre.started(name)));
        await untilTold(1);
        await theatre.order('one', 'ok');
        await theatre.order('two', 'ok');
      },
    },
  );
  const message = 'Task failed: late';
  assert.deepEqual(told, [{ name: 'RunFailed', code: undefined, message, tasks: ['late'] }, true]);
});

const codeOf = `const codeOf = (waiting) => waiting.then(() => 'went on', ({ code }) => code);`;

rowInBothModes(
  'X6',
  'with one slot a task that waits lets others go on, to any depth (V6, V35)',
  `task('leaf::[n]').action((ctx) => (mark(ctx.name), 1));
   task('mid').action(async (ctx) => (mark('mid'), Object.keys(await ctx.run('leaf::1', 'leaf::2')).length));
   task('top').action(async (ctx) => (mark('top'), (await ctx.run('mid')).mid));
   task('other').action((ctx) => mark(ctx.name));
   await run('top', 'other');
   tell(results().top);`,
  { told: [2], marks: ['top', 'other', 'mid', 'leaf::1', 'leaf::2'] },
  'parallel: 1',
);

rowInBothModes(
  'X6',
  'a wait for a higher wave is an error in the task that waits, not a hang (V6)',
  `${codeOf}
   task('high').wave(1).action(() => 'high');
   task('low').action((ctx) => codeOf(ctx.wait('high')));
   tell((await run('low', 'high')).results);`,
  { told: [{ low: 'wait-deadlock', high: 'high' }] },
);

rowInBothModes(
  'X6',
  'a wait for what needs a lock of the waiter is an error in it, not a hang (V6)',
  `${codeOf}
   task('inner').locks('L').action(() => 'inner');
   task('outer').locks('L').action((ctx) => codeOf(ctx.wait('inner')));
   tell((await run('outer', 'inner')).results);`,
  { told: [{ outer: 'wait-deadlock', inner: 'inner' }] },
);

rowInBothModes(
  'X7',
  'a wrong request of a task rejects in that task, which may go on (V7)',
  `task('known').action(() => 1);
   const problem = ({ name, code, problems }) => [name, code, problems[0].text];
   task('asks').action((ctx) => Promise.all([
     ctx.create('nothing::1').catch(problem),
     ctx.start('nowhere').catch(problem),
     ctx.run('known', 'no one').catch(problem),
   ]));
   task('falls').action((ctx) => ctx.create('nothing::1'));
   task('beside').action(() => 'untouched');
   const { result } = await run('asks', 'falls', 'beside').catch((error) => error);
   const { error } = result.tasks.get('falls').failure;
   tell([results(), error.name, error.code]);`,
  {
    told: [
      [
        {
          asks: [
            ['DefinitionError', 'unknown-task', "'nothing::1' matches no task."],
            ['DefinitionError', 'unknown-task', "'nowhere' matches no task."],
            ['DefinitionError', 'unknown-task', "'no one' matches no task."],
          ],
          falls: undefined,
          beside: 'untouched',
        },
        'DefinitionError',
        'unknown-task',
      ],
    ],
  },
);

for (const [what, tasks, name, text] of [
  [
    'plain tasks',
    "task('a').deps('b'); task('b').deps('c'); task('c').deps('a');",
    'a',
    'Tasks wait for each other: a → b → c → a.',
  ],
  [
    'protos',
    "task('p::[x]').deps('q::[x]'); task('q::[x]').deps('p::[x]');",
    'p::1',
    'Tasks wait for each other: p::1 → q::1 → p::1.',
  ],
  ['itself', "task('s').deps('s');", 's', 'Tasks wait for each other: s → s.'],
]) {
  rowInBothModes(
    'X8',
    `a cycle of ${what} is an error that names it (V8)`,
    `${tasks}
     const { code, problems } = await run('${name}').catch((error) => error);
     tell([code, problems[0].text]);`,
    { told: [['dependency-cycle', text]] },
  );
}

row('X8', 'deps that go on for ever are an error, of create() and of a request (V8)', async () => {
  configure({ mode: 'single', cache: false });
  clear();
  const endless = task('n::[n]').args({ n: Number });
  endless.deps(({ n }) => `n::${n + 1}`).action(() => 1);
  const expected = {
    code: 'dependency-cycle',
    message: /deps of 'n::\[n\]' seem to go on without end/,
  };
  assert.throws(() => create('n::1'), expected);
  await assert.rejects(run('n::1'), expected);
});

rowInBothModes(
  'X9',
  'a wait for what nobody knows rejects, and a lock is nobody (V9)',
  `const problem = ({ name, code, problems }) => [name, code, problems[0].hint];
   task('known').locks('db').action(() => 1);
   tell(await wait('knwn').catch(problem));
   tell((await wait('db').catch(problem)).slice(0, 2));`,
  {
    told: [
      ['DefinitionError', 'unknown-task', "Did you mean 'known'?"],
      ['DefinitionError', 'unknown-task'],
    ],
  },
);

for (const mode of modes) {
  row('X9', `a wait has a limit of its own, which stops nobody (V9) [${mode}]`, async () => {
    using theatre = await Theatre.open();
    const { told } = await runScript(
      `${obeySource(theatre.port)}
       task('slow').action((ctx) => obey(ctx.name));
       const { name, code } = await wait('slow', { timeout: 50 }).catch((error) => error);
       tell([name, code]);
       await wait('slow');
       tell(Object.fromEntries(states()));`,
      {
        mode,
        during: async (_child, untilTold) => {
          await untilTold(1);
          await theatre.order('slow', 'ok');
        },
      },
    );
    assert.deepEqual(told, [['TimeoutError', 'wait-timeout'], { slow: 'succeeded' }]);
  });
}

rowInBothModes(
  'X11',
  'beside a glob the other arguments are looked at too (V12)',
  `task('f::[x]::[y]').args({ x: ['a', 'b'], y: [1, 2] }).action(() => mark('ran'));
   const { code, problems } = await run('f::*::99').catch((error) => error);
   tell([code, problems.every(({ text }) => text.includes("'99' is no [y]"))]);`,
  { told: [['argument-not-a-choice', true]], marks: [] },
);

rowInBothModes(
  'X12',
  'placeholders of a reverse dep bind to the arguments of who declares it (V15)',
  `const act = (ctx) => mark(ctx.name);
   task('deploy::[env]').action(act);
   task('setup::[env]').rdeps('deploy::[env]').action(act);
   task('when::[env]').rdeps(whenScheduled('deploy::[env]')).action(act);
   create('setup::prod');
   create('when::prod');
   tell([...(await run('deploy::dev')).tasks.keys()].sort());
   tell([...(await run('when::dev', 'deploy::prod')).tasks.keys()].sort());`,
  {
    told: [
      ['deploy::dev', 'setup::dev'],
      // Not when::prod: only what is wanted itself pulls its targets in.
      ['deploy::dev', 'deploy::prod', 'setup::dev', 'setup::prod', 'when::dev'],
    ],
  },
);

for (const mode of modes) {
  row('X13', `locks are given in the order asked for, all at once (V17) [${mode}]`, async () => {
    const { marks } = await runScript(
      `const act = async (ctx) => {
         mark(ctx.name);
         for (let turn = 0; turn < 3; turn++) await new Promise((next) => setImmediate(next));
       };
       const names = ['a0', 'b0', 'both'];
       for (let n = 1; n < 6; n++) names.push('a' + n, 'b' + n);
       for (const name of names) {
         task(name).locks(...(name === 'both' ? ['A', 'B'] : [name.startsWith('a') ? 'A' : 'B'])).action(act);
       }
       await run(...names);`,
      { mode, options: 'parallel: 3' },
    );
    assert.equal(marks.length, 13);
    assert.deepEqual(marks.slice(0, 3), ['a0', 'b0', 'both']);
    for (const lock of ['a', 'b']) {
      const order = marks.filter((name) => name.startsWith(lock) && name !== 'both');
      assert.deepEqual(
        order,
        [0, 1, 2, 3, 4, 5].map((n) => `${lock}${n}`),
      );
    }
  });
}

row('X14', '10,000 tasks that need nothing run in this process (V21)', async () => {
  const { told } = await runScript(
    `task('t::[n]').args({ n: Number }).action((ctx, { n }) => n);
     const names = Array.from({ length: 10000 }, (_, n) => 't::' + n);
     const { ok, results: found } = await run(...names);
     tell([ok, Object.values(found).reduce((sum, n) => sum + n)]);`,
    { mode: 'single' },
  );
  assert.deepEqual(told, [[true, 49_995_000]]);
});

row('X14', 'a chain of 10,000 tasks runs in its order (V21)', async () => {
  const { told } = await runScript(
    `task('t::[n]').args({ n: Number }).deps(({ n }) => n === 0 ? [] : 't::' + (n - 1))
       .action((ctx, { n }) => n === 0 ? 0 : ctx.results['t::' + (n - 1)] + 1);
     tell((await run('t::9999')).results);`,
    { mode: 'single' },
  );
  assert.deepEqual(told, [{ 't::9999': 9999 }]);
});

row('X14', 'a task that makes 10,000 tasks while it runs goes on (V21)', async () => {
  const { told } = await runScript(
    `task('t::[n]').action(() => 1);
     task('all').action(async (ctx) => {
       const found = await ctx.run(...Array.from({ length: 10000 }, (_, n) => 't::' + n));
       return Object.keys(found).length;
     });
     tell((await run('all')).results);`,
    { mode: 'single' },
  );
  assert.deepEqual(told, [{ all: 10_000 }]);
});

row('X14', '10,000 tasks in workers leave no descriptor open (V20)', async () => {
  const { told } = await runScript(
    `import { readdirSync } from 'node:fs';
     const openFiles = () => readdirSync('/proc/self/fd').length;
     task('t::[n]').args({ n: Number }).action((ctx, { n }) => n);
     const names = Array.from({ length: 10000 }, (_, n) => 't::' + n);
     await run(...names.slice(0, 2));
     const before = openFiles();
     const { ok, results: found } = await run(...names);
     tell([ok, Object.keys(found).length, openFiles() - before]);`,
    { mode: 'pool', options: 'parallel: 2' },
  );
  assert.deepEqual(told, [[true, 10_000, 0]]);
});

row(
  'X15',
  'a task that SIGTERM does not end is killed, and keeps its lock until then (V22)',
  async () => {
    const { told, marks } = await runScript(
      `import { spawn } from 'node:child_process';
     import { readFileSync } from 'node:fs';
     const isAlive = (pid) => {
       try {
         return !/\\) [ZX] /.test(readFileSync('/proc/' + pid + '/stat', 'utf8'));
       } catch {
         return false;
       }
     };
     const pidsSeen = () => readFileSync('marks.txt', 'utf8').split('\\n').filter((line) => /^\\d+$/.test(line));
     task('immune').locks('L').timeout(1000).action(() => {
       process.on('SIGTERM', () => mark('heard'));
       const { pid } = spawn('sh', ['-c', 'trap "" TERM; while :; do sleep 1; done'], { stdio: 'ignore' });
       mark(String(process.pid));
       mark(String(pid));
       return new Promise((done) => setInterval(done, 1e9));
     });
     task('next').locks('L').action(() => pidsSeen().map(isAlive));
     const { result } = await run('immune', 'next').catch((error) => error);
     tell([result.tasks.get('immune').failure, results().next]);`,
      { mode: 'pool', options: 'killGrace: 200' },
    );
    assert.deepEqual(told, [[{ reason: 'timed-out', limitMs: 1000 }, [false, false]]]);
    assert.equal(marks.filter((mark) => mark === 'heard').length, 1);
  },
);

rowInBothModes(
  'X16',
  "a name may hold '/' (V23)",
  `task('dir/sub/leaf').action((ctx) => ctx.name);
   task('../up::[x]').inputs('package.json').action((ctx, { x }) => x);
   tell((await run('dir/sub/leaf', '../up::1')).results);`,
  { told: [{ 'dir/sub/leaf': 'dir/sub/leaf', '../up::1': '1' }] },
  "cache: 'kept.sqlite'",
);

rowInBothModes(
  'X18',
  'full is of one run: what comes later runs what is stale only (V28)',
  `task('a').inputs('package.json').action((ctx) => mark(ctx.name));
   const stateIn = ({ tasks }) => tasks.get('a').state;
   tell(stateIn(await run('a')));
   tell(stateIn(await run('a', { full: true })));
   tell(stateIn(await run('a')));
   await run('a', { full: true });
   await start('a');
   await waitForAll();
   tell(states().get('a'));`,
  { told: ['succeeded', 'succeeded', 'up-to-date', 'up-to-date'], marks: ['a', 'a', 'a'] },
  "cache: 'kept.sqlite'",
);

endOfRows(import.meta.url);
