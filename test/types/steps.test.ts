import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  clear,
  create,
  NO_FAILURES,
  type Ref,
  shared,
  type TaskContext,
  task,
  whenScheduled,
  whenTargetScheduled,
} from '../../lib/index.ts';
import { same } from './same.ts';

const wrong = { name: 'DefinitionError', code: 'invalid-option' } as const;
const conflict = { name: 'DefinitionError', code: 'definition-conflict' } as const;
const usage = { name: 'UsageError', code: 'invalid-option' } as const;

test('.deps() takes names, references, tasks, unfilled protos, NO_FAILURES and functions', () => {
  clear();
  const plain = task('plain');
  const proto = task('proto::[env]').args({ env: ['dev', 'prod'] });
  task('all::[env]')
    .deps('name', 'proto::[env]', 'proto::*', plain, proto, proto.of({ env: 'dev' }), NO_FAILURES)
    .deps(
      () => 'name',
      ({ env }) => [`proto::${env}`, plain, proto],
      (args, ctx) => {
        same<typeof args.env, string>(true);
        same<typeof ctx.params, Readonly<Record<string, unknown>>>(true);
        return proto.of({ env: 'prod' });
      },
    );
});

test('.deps() refuses what is no dep', () => {
  clear();
  // @ts-expect-error a number is no dep
  assert.throws(() => task('a').deps(5), wrong);
  // @ts-expect-error deps are listed one by one
  assert.throws(() => task('b').deps(['x', 'y']), wrong);
  // @ts-expect-error undefined is no dep
  assert.throws(() => task('c').deps(undefined), wrong);
  // @ts-expect-error a lock is no dep
  assert.throws(() => task('d').deps(shared('x')), wrong);
  // @ts-expect-error whenScheduled stands in .rdeps()
  assert.throws(() => task('e').deps(whenScheduled('x')), wrong);
  // @ts-expect-error functions give deps
  task('f').deps(() => 5);
  assert.throws(() => create('f'), { ...wrong, message: /gave no names.* for 'f', but 5\./ });
  // @ts-expect-error at once: a promise is no dep
  task('g').deps(async () => 'x');
  assert.throws(() => create('g'), { ...wrong, message: /but Promise \{ 'x'/ });
  // @ts-expect-error NO_FAILURES is no name that a function could compute
  task('h').deps(() => NO_FAILURES);
  assert.throws(() => create('h'), { ...wrong, message: /but \{ kind: 'no-failures' \}/ });
  // @ts-expect-error there is no such argument
  task('i::[x]').deps(({ y }) => `z::${y}`);
});

test('.rdeps() takes patterns and conditions, and refuses everything else', () => {
  clear();
  task('a::[x]').rdeps('b::[x]', whenScheduled('c::[x]'), whenTargetScheduled('d::[other]'));
  // @ts-expect-error a task is no pattern
  assert.throws(() => task('b').rdeps(task('c')), wrong);
  // @ts-expect-error nor is a function
  assert.throws(() => task('d').rdeps(() => 'x'), wrong);
  // @ts-expect-error NO_FAILURES stands in .deps()
  assert.throws(() => task('e').rdeps(NO_FAILURES), wrong);
  // @ts-expect-error a condition has a pattern
  assert.throws(() => task('f').rdeps(whenScheduled(5)), wrong);
  // @ts-expect-error a task is no pattern here either
  assert.throws(() => task('g').rdeps(whenTargetScheduled(task('h'))), wrong);
});

test('.inputs(), .ignore() and .outputs() take paths and functions', () => {
  clear();
  task('ok::[x]')
    .inputs(
      'a/[x]',
      ({ x }) => [`b/${x}`, 'c'],
      (_args, { name }) => name,
    )
    .ignore('a/ignored', ({ x }) => x)
    .outputs('out/[x]', ({ x }) => `out/${x}/more`);
  for (const step of ['inputs', 'ignore', 'outputs'] as const) {
    // @ts-expect-error a number is no path
    assert.throws(() => task(`${step}-a`)[step](5), wrong);
    // @ts-expect-error paths are listed one by one
    assert.throws(() => task(`${step}-b`)[step](['a', 'b']), wrong);
    // @ts-expect-error functions give paths
    task(`${step}-c`)[step](() => 5);
    // @ts-expect-error at once
    task(`${step}-d`)[step](async () => 'a');
  }
});

test('.locks() takes names and shared() ones', () => {
  clear();
  task('ok::[x]').locks('db-[x]', shared('net'));
  // @ts-expect-error a number is no lock
  assert.throws(() => task('a').locks(5), wrong);
  // @ts-expect-error locks are listed one by one
  assert.throws(() => task('b').locks(['x']), wrong);
  // @ts-expect-error a shared lock has a name
  assert.throws(() => task('c').locks(shared(5)), wrong);
  // @ts-expect-error a function is no lock
  assert.throws(() => task('d').locks(() => 'x'), wrong);
  assert.throws(() => task('e').locks('db-[x]'), { code: 'invalid-pattern' });
});

test('numbers, spans of time and names are of their types', () => {
  clear();
  task('ok')
    .wave(-1)
    .env('A', 'B')
    .retries(2, { delay: '1s', backoff: 2 })
    .timeout(1000)
    .softTimeout('500ms')
    .debounce(0)
    .describe('text');
  // @ts-expect-error a wave is a number
  assert.throws(() => task('a').wave('1'), wrong);
  assert.throws(() => task('b').wave(1.5), wrong);
  // @ts-expect-error names are texts
  assert.throws(() => task('c').env(5), wrong);
  // @ts-expect-error names are listed one by one
  assert.throws(() => task('d').env(['A']), wrong);
  // @ts-expect-error a count is a number
  assert.throws(() => task('e').retries('2'), wrong);
  // @ts-expect-error there is no such option
  assert.throws(() => task('f').retries(1, { wait: 1 }), wrong);
  // @ts-expect-error options have names
  assert.throws(() => task('g').retries(1, 100), wrong);
  // @ts-expect-error a delay is a number or a text
  assert.throws(() => task('h').retries(1, { delay: {} }), usage);
  // @ts-expect-error a backoff is a number
  assert.throws(() => task('i').retries(1, { backoff: '2' }), wrong);
  // @ts-expect-error a limit is a number or a text
  assert.throws(() => task('j').timeout({ seconds: 1 }), usage);
  // @ts-expect-error true is no limit
  assert.throws(() => task('k').softTimeout(true), usage);
  assert.throws(() => task('l').softTimeout('soon'), usage);
  assert.throws(() => task('l2').debounce(-1), usage);
  // @ts-expect-error a quiet period is a number or a text
  assert.throws(() => task('l3').debounce(true), usage);
  // @ts-expect-error a description is a text
  assert.throws(() => task('m').describe(5), wrong);
  // @ts-expect-error a name is a text
  assert.throws(() => task(5), { code: 'invalid-name' });
});

test('a service says how it is known that it is ready', () => {
  clear();
  task('ok')
    .service({ readyWhen: /ready/ })
    .timeout('5s')
    .action(() => undefined);
  task('ok2').service({ readyWhen: 3000 }).retries(1).locks('port').wave(1).isolate();
  // @ts-expect-error there is no way to tell without options
  assert.throws(() => task('a').service(), wrong);
  // @ts-expect-error something has to tell
  assert.throws(() => task('b').service({}), wrong);
  // @ts-expect-error a text is neither a port nor a RegExp
  assert.throws(() => task('c').service({ readyWhen: 'ready' }), wrong);
  // @ts-expect-error there is no such option
  assert.throws(() => task('d').service({ readyWhen: 1, restart: true }), wrong);
  for (const port of [0, 65_536, 1.5, Number.NaN]) {
    assert.throws(() => task(`e${port}`).service({ readyWhen: port }), wrong);
  }
  assert.throws(() => task('f').service({ readyWhen: 1 }).service({ readyWhen: 1 }), conflict);
});

test('a service cannot be what makes no sense for it', () => {
  const service = (name: string) => task(name).service({ readyWhen: 1 });
  const act = (): void => undefined;
  const wrongs: readonly (readonly [name: string, define: () => unknown, text: RegExp])[] = [
    ['none', () => service('none'), /has \.service\(\) and no action/],
    ['outputs', () => service('outputs').outputs('x').action(act), /both .* \.outputs\(\)/],
    ['noSkip', () => service('noSkip').noSkip().action(act), /\.noSkip\(\)/],
    ['now', () => service('now').now().action(act), /\.now\(\)/],
    ['soft', () => service('soft').softTimeout(1).action(act), /\.softTimeout\(\)/],
    ['here', () => service('here').inProcess().action(act), /\.inProcess\(\)/],
  ];
  for (const [name, define, text] of wrongs) {
    clear();
    define();
    assert.throws(() => create(name), { ...conflict, message: text });
  }
  clear();
});

test('.action() and .wrap() take functions of their kind', () => {
  clear();
  task('ok-a').action(() => undefined);
  task('ok-b').action(async (ctx: TaskContext<unknown>) => ctx.name);
  task('ok-c').action((_ctx, _args, done) => done());
  task('ok-d').wrap((done) => done());
  task('ok-e').wrap(async () => undefined);
  // @ts-expect-error a name is no function
  assert.throws(() => task('a').action('ok-a'), wrong);
  // @ts-expect-error a name is no function
  assert.throws(() => task('b').wrap('ok-a'), wrong);
  // @ts-expect-error a fourth parameter would never be given
  task('c').action((_ctx, _args, _done, more: string) => more);
  // @ts-expect-error gulp functions are given `done` alone
  task('d').wrap((_done, more: string) => more);
});

test('what ends a task never returns', () => {
  clear();
  task('ends').action((ctx) => {
    same<ReturnType<typeof ctx.skip>, never>(true);
    same<ReturnType<typeof ctx.noChange>, never>(true);
    same<ReturnType<typeof ctx.fail>, never>(true);
    // @ts-expect-error a reason is a text
    if (ctx.attempt > 9) ctx.skip(5);
    // @ts-expect-error a failure has a message
    if (ctx.attempt > 9) ctx.fail();
    return 1;
  });
  const picky = task('picky').action((ctx) => (ctx.depsChanged ? 'did it' : ctx.noChange()));
  same<ReturnType<typeof picky.of>, Ref<string>>(true);
});

test('the context is read-only and has the types of what it holds', () => {
  clear();
  task('reads').action(async (ctx) => {
    same<typeof ctx.name, string>(true);
    same<typeof ctx.attempt, number>(true);
    same<typeof ctx.signal, AbortSignal>(true);
    same<typeof ctx.changedDeps, readonly string[]>(true);
    same<typeof ctx.inputs, readonly string[]>(true);
    // @ts-expect-error params are read
    ctx.params = {};
    // @ts-expect-error results are read
    ctx.results['a'] = 1;
    // @ts-expect-error inputs are read
    ctx.inputs.push('a');
    const { stdout } = await ctx.exec('node', ['-v'], { cwd: '.' });
    same<typeof stdout, string>(true);
    // @ts-expect-error words are in a list
    await ctx.exec('node', '-v');
    // @ts-expect-error the answer is a text
    const answer: number = await ctx.input('How many?', { password: true });
    return answer;
  });
});
