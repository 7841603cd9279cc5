import assert from 'node:assert/strict';
import { runScript } from '../rig/run-script.ts';
import { rowInBothModes } from './row-in-both-modes.ts';
import { endOfRows, row } from './rows.ts';

/** A definition that is told as its code, its text and its hint. */
const problemOf = `
const problemOf = async (make) => {
  const error = await Promise.resolve().then(make).catch((thrown) => thrown);
  return error.problems?.map(({ code, text }) => code + ': ' + text) ?? error;
};
`;

rowInBothModes(
  'P2',
  'create() can name an instance by hand',
  `task('test::[p0]').action((ctx, { p0 }) => p0 + 'ba');
   tell([create('test::ha', { as: 'test:1' }), create('test::la', { as: 'test:2' })]);
   await start('test:1', 'test:2');
   await wait('test:1', 'test:2');
   tell(results());`,
  { told: [[['test:1'], ['test:2']], { 'test:1': 'haba', 'test:2': 'laba' }] },
);

rowInBothModes(
  'P3',
  'a task creates tasks, starts them, waits for them and has their results',
  `task('proto::[x]::[y]').args({ x: Number, y: Number }).action((ctx, { x, y }) => {
     if (ctx.args.x !== x || ctx.args.y !== y) throw new Error('two kinds of arguments');
     return x * y;
   });
   task('base::[a]::[b]').args({ a: Number, b: Number }).action(async (ctx, { a, b }) => {
     const one = await ctx.create('proto::' + a + '::' + b, { as: 'proto:1:2' });
     const two = await ctx.create('proto::1::' + (a + b + 1), { as: 'proto:1:4' });
     await ctx.start(...one, ...two);
     await ctx.wait(one, two);
     return ctx.results['proto:1:2'] + ctx.results['proto:1:4'];
   });
   await wait(...create('base::1::2', { as: 'base' }));
   tell(results());`,
  { told: [{ base: 6, 'proto:1:2': 2, 'proto:1:4': 4 }] },
);

rowInBothModes(
  'P4',
  'a proto with .now() runs nothing until it is created; waits take nested lists',
  `task('f0::[x]::[y]').args({ x: Number, y: Number }).now().action((ctx, { x, y }) => x * y);
   task('f1').now().action(() => 'f1');
   task('in').action(async (ctx) => {
     const found = await ctx.wait([await ctx.create('f0::10::20')], [[await ctx.create('f0::30::40')]]);
     return Object.values(found).reduce((sum, each) => sum + each);
   });
   await waitForAll();
   tell(results());
   tell(await wait(...create('f0::1::2'), ...create('f0::3::4')));
   tell(await wait('in'));`,
  { told: [{ f1: 'f1' }, { 'f0::1::2': 2, 'f0::3::4': 12 }, { in: 1400 }] },
);

row('P5', 'a task that passes its limit fails who waits for it', async () => {
  const { told } = await runScript(
    `task('sleepy::[n]').timeout(100).now().action(() => new Promise((done) => setInterval(done, 1e9)));
     tell(await errorOf(wait(create('sleepy::1'))));
     tell(await run('sleepy::1').catch(({ result }) => result.tasks.get('sleepy::1').failure));`,
    { mode: 'pool' },
  );
  const error = { name: 'RunFailed', code: undefined, tasks: ['sleepy::1'] };
  assert.deepEqual(told, [
    { ...error, message: 'Task failed: sleepy::1' },
    { reason: 'timed-out', limitMs: 100 },
  ]);
});

row('P5', 'a task may catch the failure of what it waits for, which fails no run', async () => {
  const { told } = await runScript(
    `task('sleepy').timeout(100).action(() => new Promise((done) => setInterval(done, 1e9)));
     task('parent').action((ctx) =>
       ctx.wait('sleepy').then(() => false, ({ name, tasks }) => name + ' ' + tasks));
     const { ok, results: found } = await run('parent');
     tell([ok, found]);
     tell(Object.fromEntries(states()));`,
    { mode: 'pool' },
  );
  assert.deepEqual(told, [
    [true, { parent: 'RunFailed sleepy' }],
    { sleepy: 'failed', parent: 'succeeded' },
  ]);
});

rowInBothModes(
  'P6',
  'a dep pattern creates what the arguments make of it, and it runs first',
  `task('dep::[v]').action((ctx, { v }) => (mark(ctx.name), v + '!'));
   task('main::[v]').deps('dep::[v]').action((ctx, { v }) => (mark(ctx.name), ctx.results['dep::' + v]));
   await start(...create('main::test'));
   await wait('main::test');
   tell(results());`,
  {
    told: [{ 'dep::test': 'test!', 'main::test': 'test!' }],
    marks: ['dep::test', 'main::test'],
  },
);

rowInBothModes(
  'P7',
  'functions give deps: a name, a list, beside strings, from the context',
  `task('dep::[v]').action((ctx, { v }) => v);
   const join = (ctx) => Object.values(ctx.results).join('+');
   task('one::[v]').deps(({ v }) => 'dep::' + v).action(join);
   task('list::[v]').deps(({ v }) => ['dep::' + v + '1', 'dep::' + v + '2']).action(join);
   task('mixed::[v]').deps('dep::first', ({ v }) => 'dep::' + v).action(join);
   task('ctx::[v]').deps((args, ctx) => 'dep::' + ctx.name.length + ctx.params.mode).action(join);
   params({ mode: 'fast' });
   const { results: found } = await run('one::a', 'list::b', 'mixed::c', 'ctx::d');
   tell(found);`,
  { told: [{ 'one::a': 'a', 'list::b': 'b1+b2', 'mixed::c': 'first+c', 'ctx::d': '6fast' }] },
);

for (const [id, proto, filled, typed] of [
  ['P8', 'dep::[x]::[y]', 'dep::test::123', { x: 'test', y: 123 }],
  ['P11', 'dep::[x]::[y]', 'dep::lambda_test::123', { x: 'lambda_test', y: 123 }],
] as const) {
  rowInBothModes(
    id,
    'the name that a function gives is matched, created and run with typed arguments',
    `task('${proto}').args({ y: Number }).action((ctx, args) => ({ ...args }));
     task('main').deps(() => '${filled}').action((ctx) => ctx.results['${filled}']);
     tell((await run('main')).results);`,
    { told: [{ main: typed }] },
  );
}

rowInBothModes(
  'P9',
  'of all arguments a dep gets those that its name has',
  `task('dep::[x]::[y]').action((ctx, args) => Object.keys(args));
   task('main::[x]::[y]::[a]::[b]::[c]').deps('dep::[x]::[y]').action((ctx) => ctx.results['dep::1::2']);
   tell((await run('main::1::2::3::4::5')).results);`,
  { told: [{ 'main::1::2::3::4::5': ['x', 'y'] }] },
);

rowInBothModes(
  'P10',
  'defaults fill dep patterns and are no arguments of the task',
  `task('dep::[x]::[y]').args({ y: Number }).action((ctx, { x, y }) => x + (y + 1));
   task('main::[a]::[b]::[c]').defaults({ x: 'test', y: 42 }).deps('dep::[x]::[y]')
     .action((ctx, args) => [{ ...args }, ctx.results['dep::test::42']]);
   tell((await run('main::1::2::3')).results);`,
  { told: [{ 'main::1::2::3': [{ a: '1', b: '2', c: '3' }, 'test43'] }] },
);

rowInBothModes(
  'P12',
  'a filled name as a dep is created whatever the defaults say',
  `task('dep::[x]::[y]').args({ y: Number }).action((ctx, { x, y }) => [x, y]);
   task('main::[a]').defaults({ x: 'test', y: 42 }).deps('dep::override::999')
     .action((ctx) => ctx.results);
   tell((await run('main::1')).results);`,
  { told: [{ 'main::1': { 'dep::override::999': ['override', 999] } }] },
);

rowInBothModes(
  'P13',
  'text before a placeholder need not be a segment of its own',
  `task('dep1-[x]').action((ctx, { x }) => x);
   task('dep2-[y]').args({ y: Number }).action((ctx, { y }) => y);
   task('main::[v]').deps(({ v }) => ['dep1-' + v, 'dep2-456']).action((ctx) => ctx.results);
   tell((await run('main::a-b')).results);`,
  { told: [{ 'main::a-b': { 'dep1-a-b': 'a-b', 'dep2-456': 456 } }] },
);

rowInBothModes(
  'P14',
  'patterns, filled names and functions can be mixed, and all run before',
  `task('dep::[k]::[v]').action((ctx, { k, v }) => k + v);
   task('main').defaults({ x: 'd' }).deps('dep::pattern::[x]', 'dep::filled::f', ({ x }) => 'dep::computed::' + x)
     .action((ctx) => Object.values(ctx.results));
   tell((await run('main')).results);`,
  { told: [{ main: ['patternd', 'filledf', 'computedd'] }] },
);

rowInBothModes(
  'P15',
  '(changed): a dep pattern that nothing can fill is an error where it is defined',
  `${problemOf}
   task('dep::[x]::[y]').action(() => 1);
   tell(await problemOf(() => task('main::[x]').deps('dep::[x]::[y]')));`,
  {
    told: [
      ["invalid-pattern: .deps('dep::[x]::[y]') of 'main::[x]' has no argument [y] to fill in."],
    ],
  },
);

rowInBothModes(
  'P16',
  'a handle makes the name of an instance',
  `const proto = task('proto::[x]::[y]').args({ y: Number }).action(() => 1);
   tell([proto.of({ x: 'test', y: 42 }).name, create(proto.of({ x: 'test', y: 42 }))]);`,
  { told: [['proto::test::42', ['proto::test::42']]] },
);

rowInBothModes(
  'P17',
  'a pattern that a function gives and nothing can fill is an error of the request',
  `${problemOf}
   task('dep::[x]::[y]').action(() => 1);
   task('main::[x]').deps(() => 'dep::[x]::[y]').action(() => 1);
   tell(await problemOf(() => run('main::1')));`,
  { told: [["invalid-pattern: 'dep::[x]::[y]', used by 'main::[x]', has no value for [y]."]] },
);

rowInBothModes(
  'P18',
  'a dep pattern is filled though no proto fits: the error has the full name',
  `${problemOf}
   task('main').defaults({ x: 'test', y: 42 }).deps('dep::[x]::[y]').action(() => 1);
   tell(create('main'));
   tell(await problemOf(() => run('main')));`,
  {
    told: [
      ['main'],
      [
        "unknown-task: 'main' depends on 'dep::test::42', which does not exist: it matches no task.",
      ],
    ],
  },
);

rowInBothModes(
  'P19',
  '(changed): a filled name is kept as it is written, and its arguments are typed',
  `task('dep::[x]::[y]').args({ y: Number }).action((ctx, { x, y }) => [ctx.name, x, y]);
   tell([create('dep::test::42'), create('dep::test::007')]);
   tell((await run('dep::test::42', 'dep::test::007')).results);`,
  {
    told: [
      [['dep::test::42'], ['dep::test::007']],
      {
        'dep::test::42': ['dep::test::42', 'test', 42],
        'dep::test::007': ['dep::test::007', 'test', 7],
      },
    ],
  },
);

rowInBothModes(
  'P20',
  'what a request lacks is an error of create() already, and nothing is created',
  `${problemOf}
   task('dep::[x]::[y]').action(() => 1);
   task('main::[x]').deps(() => 'dep::[x]::[y]').action(() => 1);
   tell(await problemOf(() => create('main::1')));
   tell([...states()]);`,
  { told: [["invalid-pattern: 'dep::[x]::[y]', used by 'main::[x]', has no value for [y]."], []] },
);

rowInBothModes(
  'P21',
  'arguments are found in the name',
  `task('task::[id]::[status]').args({ id: Number }).action((ctx, { id, status }) => [id, status]);
   tell((await run('task::123::done')).results);`,
  { told: [{ 'task::123::done': [123, 'done'] }] },
);

for (const [id, what, dep, name, sum] of [
  ['P22a', 'a full literal', 'foo::1::2', 'foo::1::2', 12],
  ['P22b', 'the first argument', 'foo::[a]::2', 'foo::3::2', 32],
  ['P22c', 'the last argument', 'foo::1::[b]', 'foo::1::4', 14],
  ['P22d', 'both arguments', 'foo::[a]::[b]', 'foo::3::4', 34],
] as const) {
  rowInBothModes(
    id,
    `a dep with ${what} exists as soon as what needs it is created`,
    `task('foo::[a]::[b]').args({ a: Number, b: Number }).action((ctx, { a, b }) => 10 * a + b);
     task('bar::[a]::[b]').deps('${dep}').action((ctx) => Object.values(ctx.results)[0]);
     create('bar::3::4');
     tell([...states().keys()].sort());
     tell((await run('${name}', 'bar::3::4')).results);`,
    { told: [['bar::3::4', name], { [name]: sum, 'bar::3::4': sum }] },
  );
}

rowInBothModes(
  'P23',
  'Number takes whole and broken numbers',
  `task('calc::[a]::[b]').args({ a: Number, b: Number }).action((ctx, { a, b }) => a + b);
   tell((await run('calc::10::20.5')).results);`,
  { told: [{ 'calc::10::20.5': 30.5 }] },
);

rowInBothModes(
  'P24',
  'a name that two protos fit equally well is an error',
  `${problemOf}
   task('foo::[x]').action(() => 1);
   task('foo::[y]').action(() => 2);
   tell(await problemOf(() => create('foo::test')));`,
  { told: [["ambiguous-proto: 'foo::test' matches 'foo::[x]' and 'foo::[y]' equally well."]] },
);

rowInBothModes(
  'P25',
  'several instances of one proto can be deps',
  `task('worker::[n]').args({ n: Number }).action((ctx, { n }) => n);
   task('all').deps('worker::1', 'worker::2').action((ctx) => ctx.results['worker::1'] + ctx.results['worker::2']);
   tell((await run('all')).results);`,
  { told: [{ all: 3 }] },
);

rowInBothModes(
  'P26',
  'a default that no dep asks for is passed over',
  `task('helper::[x]::[y]').action((ctx, args) => ({ ...args }));
   task('main').defaults({ x: 'test', y: 42, z: 'unused' }).deps('helper::[x]::[y]').action((ctx) => ctx.results);
   tell((await run('main')).results);`,
  { told: [{ main: { 'helper::test::42': { x: 'test', y: '42' } } }] },
);

rowInBothModes(
  'P27',
  'a value may hold what is no separator',
  `task('deploy::[cluster]::[region]').action((ctx, args) => ({ ...args }));
   tell((await run('deploy::my-cluster::us-east-1')).results);`,
  { told: [{ 'deploy::my-cluster::us-east-1': { cluster: 'my-cluster', region: 'us-east-1' } }] },
);

for (const separator of ['::', '|']) {
  rowInBothModes(
    'P28',
    `placeholders that no separator parts are an error, which names '${separator}'`,
    `let error;
     try { task('foo-[x]-[y]'); } catch (thrown) { error = thrown; }
     tell([error.code, error.problems[0].hint]);`,
    {
      told: [
        [
          'invalid-name',
          `Write segments separated by '${separator}', placeholders last in theirs: 'build${separator}[env]'.`,
        ],
      ],
    },
    `separator: '${separator}'`,
  );
}

rowInBothModes(
  'P29',
  'the separator can be chosen',
  `task('bar|[a]|[b]').action((ctx, { a, b }) => a + '_' + b);
   tell((await run('bar|one|two')).results);`,
  { told: [{ 'bar|one|two': 'one_two' }] },
  "separator: '|'",
);

const target = `
  const act = (ctx) => (mark(ctx.name), ctx.name);
  task('B::[a]::[b]').action(act);
`;

rowInBothModes(
  'P30',
  'a plain task goes before what its reverse dep fits',
  `${target} task('setup').rdeps('B::[a]::[b]').action(act);
   await run('B::test::2');
   tell(results());`,
  { told: [{ setup: 'setup', 'B::test::2': 'B::test::2' }], marks: ['setup', 'B::test::2'] },
);

rowInBothModes(
  'P31',
  'reverse deps fit by their literal segments',
  `${target}
   task('setup1').rdeps('B::[a]::[b]').action(act);
   task('setup2').rdeps('B::1::[b]').action(act);
   task('setup3').rdeps('B::[a]::2').action(act);
   task('setup4').rdeps('B::1::2').action(act);
   for (const name of ['B::something::2', 'B::1::2', 'B::1::3']) {
     tell([...(await run(name)).tasks.keys()].sort());
   }`,
  {
    told: [
      ['B::something::2', 'setup1', 'setup3'],
      ['B::1::2', 'setup1', 'setup2', 'setup3', 'setup4'],
      ['B::1::3', 'setup1', 'setup2'],
    ],
  },
);

rowInBothModes(
  'P32',
  'a proto whose arguments the target does not tell goes before it only where it exists',
  `${target} task('setup::[env]').rdeps('B::[a]::[b]').action(act);
   tell([...(await run('B::test::2')).tasks.keys()]);
   create('setup::test');
   tell([...(await run('B::test::3')).tasks.keys()].sort());`,
  {
    told: [['B::test::2'], ['B::test::3', 'setup::test']],
    marks: ['B::test::2', 'setup::test', 'B::test::3'],
  },
);

endOfRows(import.meta.url);
