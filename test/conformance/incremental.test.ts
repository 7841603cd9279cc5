import assert from 'node:assert/strict';
import { output, regexFiles } from '../../lib/index.ts';
import { Scene, successOf } from '../cache/scene.ts';
import { rowInBothModes } from './row-in-both-modes.ts';
import { endOfRows, row } from './rows.ts';

const cached = "cache: 'kept.sqlite'";

/**
 * `again(names, options)` runs tasks as a new process would; `value.txt` is read without being
 * declared, so that it shows whether a task was executed.
 */
const prelude = `
import { mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { output, regexFiles } from 'parproc';
const put = (path, text) => isWorker || writeFileSync(path, text);
const read = (path) => readFileSync(path, 'utf8');
const hoursAgo = (hours) => Date.now() / 1000 - hours * 3600;
const show = (ended, ...names) => {
  const { tasks, results: found } = ended.result ?? ended;
  return names.map((name) => [tasks.get(name).state, found[name]]);
};
const again = (names, options = {}) => {
  if (!isWorker) {
    clear();
    define();
  }
  return run(...names, options).catch((error) => error);
};
put('src.txt', 'one');
put('value.txt', 'first');
`;

function cachedRow(id: string, title: string, program: string, told: readonly unknown[]): void {
  rowInBothModes(id, title, prelude + program, { told }, cached);
}

const build = `
const define = () => task('build').inputs('src.txt').action(() => read('value.txt'));
define();
`;

cachedRow(
  'I1',
  'the first run of a task executes it',
  `${build} tell(show(await again(['build']), 'build'));`,
  [[['succeeded', 'first']]],
);

cachedRow(
  'I2',
  'without a change the next run executes nothing and has the same result',
  `${build}
   await again(['build']);
   put('value.txt', 'second');
   tell(show(await again(['build']), 'build'));`,
  [[['up-to-date', 'first']]],
);

cachedRow(
  'I3',
  'a changed input executes the task again',
  `${build}
   await again(['build']);
   put('value.txt', 'second');
   put('src.txt', 'two');
   tell(show(await again(['build']), 'build'));`,
  [[['succeeded', 'second']]],
);

cachedRow(
  'I4',
  'a full run executes what is up to date',
  `${build}
   await again(['build']);
   put('value.txt', 'second');
   tell(show(await again(['build'], { full: true }), 'build'));`,
  [[['succeeded', 'second']]],
);

for (const [id, title, step] of [
  ['I5', 'a task with .noSkip() is executed in every run', '.noSkip()'],
  ['I6', 'a task without inputs and deps is executed in every run', ''],
] as const) {
  cachedRow(
    id,
    title,
    `const define = () => task('always')${step}.action(() => read('value.txt'));
     define();
     await again(['always']);
     put('value.txt', 'second');
     tell(show(await again(['always']), 'always'));`,
    [[['succeeded', 'second']]],
  );
}

const chain = `
const define = () => {
  task('build').inputs('src.txt').action(() => read('value.txt'));
  task('deploy').deps('build').action((ctx) => 'of ' + ctx.results.build);
};
define();
`;

cachedRow(
  'I7',
  'what depends on what is up to date is so too',
  `${chain}
   await again(['build', 'deploy']);
   put('value.txt', 'second');
   tell(show(await again(['build', 'deploy']), 'build', 'deploy'));`,
  [
    [
      ['up-to-date', 'first'],
      ['up-to-date', 'of first'],
    ],
  ],
);

cachedRow(
  'I8',
  'what depends on what comes to something else is executed too',
  `${chain}
   await again(['build', 'deploy']);
   put('value.txt', 'second');
   put('src.txt', 'two');
   tell(show(await again(['build', 'deploy']), 'build', 'deploy'));`,
  [
    [
      ['succeeded', 'second'],
      ['succeeded', 'of second'],
    ],
  ],
);

cachedRow(
  'I9',
  'a task is told whether its deps have changed',
  `const define = () => {
     task('build').inputs('src.txt').action(() => 'built');
     task('test').deps('build').noSkip().action((ctx) => ctx.depsChanged);
   };
   define();
   tell((await again(['test'])).results);
   tell((await again(['test'])).results);`,
  [{ test: true }, { test: false }],
);

cachedRow(
  'I10',
  'a task that says that nothing has changed is skipped, and has not changed for others',
  `const define = () => {
     task('build').inputs('src.txt').action((ctx) => read('src.txt') === 'one' ? 'built' : ctx.noChange());
     task('test').deps('build').noSkip().action((ctx) => [ctx.depsChanged, ctx.results.build]);
   };
   define();
   await again(['build', 'test']);
   put('src.txt', 'two');
   tell(show(await again(['build', 'test']), 'build', 'test'));`,
  [
    [
      ['skipped', 'built'],
      ['succeeded', [false, 'built']],
    ],
  ],
);

/** How `build` ends that makes `out.txt` by `act` and declares it by `declared`. */
const outputs = (declared: string, act: string): string => `
  const define = () => task('build').inputs('src.txt').outputs(${declared}).action(() => {
    ${act}
    return read('value.txt');
  });
  define();
  const ended = (run) => {
    const { state, failure } = (run.result ?? run).tasks.get('build');
    return failure === undefined ? state : [state, failure.reason, failure.paths];
  };
`;
const make = "writeFileSync('out.txt', '');";
const makeOld = `${make} utimesSync('out.txt', hoursAgo(1), hoursAgo(1));`;
const missing = ['failed', 'outputs-missing', ['out.txt']];

for (const [id, title, declared, act, told] of [
  ['I11', 'an output that was never made fails the task', "'out.txt'", '', missing],
  ['I12', 'a task that makes its output has succeeded', "'out.txt'", make, 'succeeded'],
  [
    'I14',
    'an output that is left too old fails the task',
    "output('out.txt', { maxAge: 1000 })",
    makeOld,
    ['failed', 'outputs-too-old', ['out.txt']],
  ],
  [
    'I16',
    'unless that is not enforced',
    "output('out.txt', { maxAge: 1000, enforceFreshness: false })",
    makeOld,
    'succeeded',
  ],
  [
    'I17',
    'an output that is missing fails the task even so',
    "output('out.txt', { maxAge: 1000, enforceFreshness: false })",
    '',
    missing,
  ],
] as const) {
  cachedRow(id, title, `${outputs(declared, act)} tell(ended(await again(['build'])));`, [told]);
}

for (const maxAge of ["'1h'", '3600000']) {
  cachedRow(
    'I13',
    `an output that has got too old has the task executed (${maxAge})`,
    `${outputs(`output('out.txt', { maxAge: ${maxAge} })`, make)}
     await again(['build']);
     tell(ended(await again(['build'])));
     isWorker || utimesSync('out.txt', hoursAgo(2), hoursAgo(2));
     tell(ended(await again(['build'])));`,
    ['up-to-date', 'succeeded'],
  );
}

row('I15', 'an age may be text such as 1 minutes', () => {
  assert.equal(output('out.txt', { maxAge: '1 minutes' }).maxAgeMs, 60_000);
});

rowInBothModes(
  'I18',
  'without a cache every run executes every task',
  `${prelude}${build}
   await again(['build']);
   put('value.txt', 'second');
   tell(show(await again(['build']), 'build'));`,
  { told: [[['succeeded', 'second']]] },
  'cache: false',
);

cachedRow(
  'I19',
  'without the cache file every task is executed',
  `${build}
   await again(['build']);
   put('value.txt', 'second');
   clear();
   isWorker || rmSync('kept.sqlite');
   tell(show(await again(['build']), 'build'));`,
  [[['succeeded', 'second']]],
);

cachedRow(
  'I20',
  'inputs may be given by a function of the arguments',
  `const define = () =>
     task('copy::[name]').inputs(({ name }) => [name + '.txt']).action(() => read('value.txt'));
   define();
   await again(['copy::src']);
   put('value.txt', 'second');
   tell(show(await again(['copy::src']), 'copy::src'));
   put('src.txt', 'two');
   tell(show(await again(['copy::src']), 'copy::src'));`,
  [[['up-to-date', 'first']], [['succeeded', 'second']]],
);

row('I21', 'text that is no regular expression is refused', () => {
  assert.throws(() => regexFiles('src', '('), { code: 'invalid-option', message: /regex/ });
});

cachedRow(
  'I22',
  'files below a folder may be chosen by a regular expression',
  `const define = () =>
     task('build').inputs(regexFiles('src', /\\.txt$/)).action((ctx) => ctx.inputs);
   isWorker || mkdirSync('src/deep', { recursive: true });
   put('src/deep/a.txt', '');
   put('src/b.md', '');
   define();
   tell(show(await again(['build']), 'build'));
   put('src/b.md', 'changed');
   tell(show(await again(['build']), 'build'));
   put('src/c.txt', '');
   tell(show(await again(['build']), 'build'));`,
  [
    [['succeeded', ['src/deep/a.txt']]],
    [['up-to-date', ['src/deep/a.txt']]],
    [['succeeded', ['src/c.txt', 'src/deep/a.txt']]],
  ],
);

cachedRow(
  'I23',
  'a root of them that is no directory fails the task',
  `const define = () => task('build').inputs(regexFiles('src.txt', /a/)).action(() => 1);
   define();
   const { result } = await again(['build']);
   tell(/directory/.test(result.tasks.get('build').failure.error.message));`,
  [true],
);

row('I29', 'a glob that is ignored is not looked for on disk', async () => {
  using scene = new Scene();
  const ignore = ['**/*.skip', 'deep'];
  scene.write('a.skip', '');
  scene.write('deep/b.txt', '');
  const node = scene.node({ inputs: ['**/*'], ignore });
  const { inputs } = await scene.observed(node);
  const paths = inputs.map(({ path }) => path);
  assert.deepEqual(paths, ['build.mjs', 'helper.mjs', 'in.txt']);
});

for (const [id, title, local] of [
  ['O5', 'globalIgnore takes files out of the inputs of every task', ''],
  ['O6', 'beside what the task ignores itself', ".ignore('b.txt')"],
] as const) {
  rowInBothModes(
    id,
    title,
    `${prelude}
     for (const path of ['a.txt', 'b.txt', 'c.txt']) put(path, '');
     task('list').inputs('*.txt')${local}.action((ctx) => ctx.inputs);
     tell((await run('list')).results.list);`,
    {
      told: [
        ['b.txt', 'c.txt', 'marks.txt', 'src.txt', 'value.txt'].filter(
          (path) => local === '' || path !== 'b.txt',
        ),
      ],
    },
    "globalIgnore: ['a.*']",
  );
}

const pipeline = `
const define = () => {
  task('build').inputs('src.txt').outputs('out.txt').action(() => writeFileSync('out.txt', read('src.txt')));
  task('test').deps('build').inputs('out.txt').action(() => {
    if (read('out.txt') === 'broken') throw new Error('red');
    return 'green';
  });
};
define();
const ends = (run) => [...(run.result ?? run).tasks].map(([name, { state }]) => name + ' ' + state).sort();
`;

cachedRow(
  'X1',
  'what is broken stays red in every run until it is mended (V1)',
  `${pipeline}
   tell(ends(await again(['test'])));
   put('src.txt', 'broken');
   tell(ends(await again(['test'])));
   tell(ends(await again(['test'])));
   put('src.txt', 'one');
   tell(ends(await again(['test'])));`,
  [
    ['build succeeded', 'test succeeded'],
    ['build succeeded', 'test failed'],
    ['build up-to-date', 'test failed'],
    ['build succeeded', 'test succeeded'],
  ],
);

cachedRow(
  'X2',
  'a dependant sees a dep that was built by itself in an earlier run (V2)',
  `${pipeline}
   await again(['test']);
   put('src.txt', 'two');
   tell(ends(await again(['build'])));
   tell(ends(await again(['test'])));
   tell(ends(await again(['test'])));`,
  [
    ['build succeeded'],
    ['build up-to-date', 'test succeeded'],
    ['build up-to-date', 'test up-to-date'],
  ],
);

cachedRow(
  'X4',
  'an output that was removed is made again (V4)',
  `${pipeline}
   await again(['build']);
   isWorker || rmSync('out.txt');
   tell(ends(await again(['build'])));
   tell(read('out.txt'));`,
  [['build succeeded'], 'one'],
);

cachedRow(
  'X10',
  'options that are set later leave the cache as it is (V10)',
  `${build}
   await again(['build']);
   put('value.txt', 'second');
   configure({ parallel: 2 });
   tell(show(await again(['build']), 'build'));`,
  [[['up-to-date', 'first']]],
);

row('D1', '(changed) a success is recorded with how long it took', async () => {
  using scene = new Scene();
  await scene.succeed(scene.node());
  const cache = await scene.open();
  assert.equal(cache.estimate('task'), 5);
  await cache.close();
});

row('D2', 'without a cache nothing is known of how long a task takes', async () => {
  using scene = new Scene();
  await scene.succeed(scene.node());
  const cache = await scene.open({ path: false });
  assert.equal(cache.estimate('task'), undefined);
  await cache.close();
});

row('D3', 'the newest success weighs most, each older one 0.8 of the one after it', async () => {
  using scene = new Scene();
  const cache = await scene.open();
  for (const ms of [150, 50]) {
    const { observation } = cache.check(scene.node(), new Map(), false);
    cache.finish(scene.node(), successOf(observation, undefined, ms));
  }
  assert.equal(cache.estimate('task'), (50 + 0.8 * 150) / 1.8);
  await cache.close();
});

endOfRows(import.meta.url);
