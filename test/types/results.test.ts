import assert from 'node:assert/strict';
import { ChildProcess } from 'node:child_process';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { clear, configure, type Done, type Ref, run, task } from '../../lib/index.ts';
import { same } from './same.ts';

type ResultOf<Handle extends { of(): unknown }> =
  ReturnType<Handle['of']> extends Ref<infer Result> ? Result : 'no reference';

test('a reference has the type of what the action returns', () => {
  clear();
  const value = task('value').action(() => 1);
  same<ResultOf<typeof value>, number>(true);
  const promise = task('promise').action(async () => ({ files: ['a'] }));
  same<ResultOf<typeof promise>, { files: string[] }>(true);
  const nothing = task('nothing').action(async () => undefined);
  same<ResultOf<typeof nothing>, undefined>(true);
  const perhaps = task('perhaps').action((ctx) => (ctx.attempt > 1 ? 'again' : null));
  same<ResultOf<typeof perhaps>, 'again' | null>(true);
  const group = task('group').deps('value');
  same<ResultOf<typeof group>, undefined>(true);
  const late = task('late')
    .action(() => 1n)
    .noSkip()
    .timeout(5)
    .describe('later steps keep the type');
  same<ResultOf<typeof late>, bigint>(true);
  assert.equal(value.of().name, 'value');
});

test('what gulp waits for has no value: streams, emitters, processes, gulp functions', () => {
  clear();
  const stream = task('stream').action(() => new PassThrough());
  same<ResultOf<typeof stream>, undefined>(true);
  const later = task('later').action(async () => new PassThrough());
  same<ResultOf<typeof later>, undefined>(true);
  const child = task('child').action(() => new ChildProcess());
  same<ResultOf<typeof child>, undefined>(true);
  const either = task('either').action((ctx) => (ctx.attempt > 1 ? new PassThrough() : 1));
  same<ResultOf<typeof either>, 1 | undefined>(true);
  const observed = task('observed').action(() => ({ subscribe: () => undefined, size: 1 }));
  same<ResultOf<typeof observed>, unknown>(true);
  const wrapped = task('wrapped').wrap(async () => 5);
  same<ResultOf<typeof wrapped>, undefined>(true);
});

test('with three parameters the result is what `done` is given', () => {
  clear();
  const open = task('open').action((_ctx, _args, done) => done(null, 1));
  same<ResultOf<typeof open>, unknown>(true);
  const typed = task('typed').action((_ctx, _args, done: Done<number>) => done(null, 1));
  same<ResultOf<typeof typed>, number | undefined>(true);
  const optional = task('optional').action((_ctx, _args, done?: Done<string>) => done?.(null, 'a'));
  same<ResultOf<typeof optional>, string | undefined>(true);
  task('wrong').action((_ctx, _args, done: Done<number>) => {
    // @ts-expect-error the value is a number
    done(null, 'one');
  });
});

test('ctx.result() gives what a reference names its type, and throws for a stranger', async () => {
  configure({ mode: 'single', cache: false });
  clear();
  const size = task('size::[x]').action(() => ({ bytes: 7 }));
  const plain = task('plain').action(() => 'text');
  const stranger = task('stranger').action(() => 1);
  const seen: unknown[] = [];
  task('reader')
    .deps(size.of({ x: 'a' }), plain.of())
    .action((ctx) => {
      const found = ctx.result(size.of({ x: 'a' }));
      same<typeof found, { bytes: number }>(true);
      const text = ctx.result(plain.of());
      same<typeof text, string>(true);
      same<(typeof ctx.results)[string], unknown>(true);
      seen.push(found.bytes, text, { ...ctx.results });
      // @ts-expect-error a size is no text
      const mistaken: string = found;
      void mistaken;
      assert.throws(
        () => ctx.result(stranger.of()),
        /'stranger' is not among the deps of 'reader'/,
      );
      // @ts-expect-error a name has no type of result
      assert.throws(() => ctx.result('missing'));
      // @ts-expect-error a task is no reference
      assert.equal(ctx.result(plain), 'text');
    });
  const { ok } = await run('reader');
  assert.equal(ok, true);
  assert.deepEqual(seen, [7, 'text', { 'size::a': { bytes: 7 }, plain: 'text' }]);
});

test('references of different results are different types', () => {
  clear();
  const text = task('text').action(() => 'a');
  const take = (_ref: Ref<number>): void => undefined;
  // @ts-expect-error its result is no number
  take(text.of());
  const any: Ref = text.of();
  assert.throws(() => {
    // @ts-expect-error references do not change
    any.name = 'other';
  }, TypeError);
});
