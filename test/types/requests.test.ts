import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import {
  clear,
  configure,
  create,
  params,
  type Results,
  type RunResult,
  results,
  run,
  type StateName,
  start,
  states,
  task,
  wait,
  waitForAll,
} from '../../lib/index.ts';
import { same } from './same.ts';

beforeEach(() => {
  configure({ mode: 'single', cache: false });
  clear();
});

const named = { name: 'UsageError', code: 'invalid-name' } as const;
const option = { name: 'UsageError', code: 'invalid-option' } as const;

test('run, start and wait take names, globs, references, plain tasks and lists of these', async () => {
  const plain = task('plain').action(() => 1);
  const proto = task('proto::[x]')
    .args({ x: ['a', 'b'] })
    .action(() => 2);
  const ran = run('plain', 'proto::*', plain, proto.of({ x: 'a' }), [plain, ['proto::b']], {
    full: true,
  });
  same<typeof ran, Promise<RunResult>>(true);
  assert.deepEqual({ ...(await ran).results }, { plain: 1, 'proto::a': 2, 'proto::b': 2 });
  const waited = wait(plain, [proto.of({ x: 'b' })], { timeout: '30s' });
  same<typeof waited, Promise<Results>>(true);
  assert.deepEqual({ ...(await waited) }, { plain: 1, 'proto::b': 2 });
  const started = start([plain]);
  same<typeof started, Promise<readonly string[]>>(true);
  assert.deepEqual(await started, ['plain']);
  const all = waitForAll({ throwOnFailure: false });
  same<typeof all, Promise<boolean>>(true);
  assert.equal(await all, true);
});

test('run, start and wait reject what is no name, and never throw at once', async () => {
  for (const ask of [run, start, wait]) {
    // @ts-expect-error a number is no name
    await assert.rejects(ask(5), named);
    const fn = (): string => 'a';
    // @ts-expect-error a function is no name
    await assert.rejects(ask(fn), named);
    // @ts-expect-error null is no name
    await assert.rejects(ask(null), named);
    // @ts-expect-error lists hold names
    await assert.rejects(ask(['a', [5]]), named);
  }
});

test('run and wait reject options that they do not have', async () => {
  task('a').action(() => 1);
  // @ts-expect-error there is no such option
  await assert.rejects(run('a', { ful: true }), option);
  // @ts-expect-error full is true or false
  await assert.rejects(run('a', { full: 'yes' }), option);
  // @ts-expect-error run() has no time limit
  await assert.rejects(run('a', { timeout: 1 }), option);
  // @ts-expect-error wait() does not say how tasks run
  await assert.rejects(wait('a', { full: true }), option);
  // @ts-expect-error a limit is a number or a text
  await assert.rejects(wait('a', { timeout: {} }), option);
  await assert.rejects(wait('a', { timeout: 'soon' }), option);
  // @ts-expect-error start() has no options
  await assert.rejects(start('a', { full: true }), named);
  assert.deepEqual(Object.fromEntries(states()), { a: 'idle' });
});

test('a proto without arguments cannot be asked for', async () => {
  const proto = task('proto::[x]').action(() => 1);
  for (const ask of [run, start, wait]) {
    await assert.rejects(ask(proto), { code: 'missing-argument' });
  }
});

test('create takes a name or a reference, and gives full names', () => {
  const proto = task('proto::[x]').args({ x: ['a', 'b'] });
  const names = create('proto::*');
  same<typeof names, readonly string[]>(true);
  assert.deepEqual(names, ['proto::a', 'proto::b']);
  assert.deepEqual(create(proto.of({ x: 'a' }), { as: 'mine' }), ['mine']);
  // @ts-expect-error a number is no name
  assert.throws(() => create(5), named);
  // @ts-expect-error a proto has to be filled
  assert.throws(() => create(proto), { code: 'missing-argument' });
  // @ts-expect-error there is no such option
  assert.throws(() => create('proto::a', { name: 'mine' }), option);
  // @ts-expect-error a name is a text
  assert.throws(() => create('proto::a', { as: 5 }), option);
});

test('options and params are of their types', () => {
  params({ version: 1 });
  // @ts-expect-error there is no such option
  assert.throws(() => configure({ paralel: 1 }), option);
  // @ts-expect-error parallel is a number
  assert.throws(() => configure({ parallel: '2' }), option);
  // @ts-expect-error there is no such mode
  assert.throws(() => configure({ mode: 'mp' }), option);
  // @ts-expect-error the cache is a file name or false
  assert.throws(() => configure({ cache: true }), option);
  // @ts-expect-error capacities are numbers
  assert.throws(() => configure({ locks: { db: 'two' } }), option);
  // @ts-expect-error options have names
  assert.throws(() => configure(5), option);
  // @ts-expect-error params have names
  assert.throws(() => params('version'), option);
});

test('states and results are what a script may look at, not change', async () => {
  task('a').action(() => 1);
  await run('a');
  const all = states();
  same<typeof all, ReadonlyMap<string, StateName>>(true);
  // @ts-expect-error there is no such state
  assert.notEqual(all.get('a'), 'done' satisfies StateName);
  const found = results();
  same<typeof found, Results>(true);
  // @ts-expect-error results are read
  found['a'] = 2;
  assert.equal(results()['a'], 1);
});

test('a task asks for others as a script does', async () => {
  const child = task('child::[x]')
    .args({ x: ['a', 'b'] })
    .action(({ args }) => args.x);
  const seen: unknown[] = [];
  task('parent').action(async (ctx) => {
    const ref = child.of({ x: 'a' });
    const names = await ctx.create('child::*');
    same<typeof names, readonly string[]>(true);
    const started = await ctx.start(ref);
    same<typeof started, readonly string[]>(true);
    const found = await ctx.wait([names, ref]);
    same<typeof found, Results>(true);
    const value = ctx.result(ref);
    same<typeof value, 'a' | 'b'>(true);
    seen.push(names, started, { ...found }, value, { ...(await ctx.run('child::b')) });
    // @ts-expect-error a number is no name
    await assert.rejects(ctx.run(5), named);
    // @ts-expect-error a function is no name
    await assert.rejects(ctx.wait(seen.push), named);
    // @ts-expect-error null is no name
    await assert.rejects(ctx.start(null), named);
    // @ts-expect-error inside a task `full` is the run's
    await assert.rejects(ctx.run('child::a', { full: true }), named);
    // @ts-expect-error a proto has to be filled
    await assert.rejects(ctx.create(child), { code: 'missing-argument' });
    // @ts-expect-error there is no such option
    await assert.rejects(ctx.create('child::a', { kind: 'wait' }), option);
    await assert.rejects(ctx.run(child), { code: 'missing-argument' });
  });
  await run('parent');
  const both = { 'child::a': 'a', 'child::b': 'b' };
  assert.deepEqual(seen, [Object.keys(both), ['child::a'], both, 'a', { 'child::b': 'b' }]);
});
