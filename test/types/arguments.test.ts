import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as v from 'valibot';
import { clear, task } from '../../lib/index.ts';
import { same } from './same.ts';

test('each placeholder of the name is an argument of type string, until .args() says more', () => {
  clear();
  task('a::[x]::mid::dep-[y]').action((ctx, args) => {
    same<typeof args, { readonly x: string; readonly y: string }>(true);
    same<typeof ctx.args, typeof args>(true);
    // @ts-expect-error arguments do not change
    args.x = 'other';
    // @ts-expect-error `mid` is literal text
    void args.mid;
  });
  task('plain').action((_ctx, args) => {
    same<keyof typeof args, never>(true);
    // @ts-expect-error a plain task has no arguments
    void args.x;
  });
});

test('[...rest] is an argument called rest', () => {
  clear();
  const copy = task('copy::[to]::[...rest]').action((_ctx, args) => {
    same<typeof args, { readonly to: string; readonly rest: string }>(true);
    // @ts-expect-error the dots are no part of the name
    void args['...rest'];
  });
  assert.equal(copy.of({ to: 'x', rest: 'a::b' }).name, 'copy::x::a::b');
  // @ts-expect-error the rest is missing
  assert.throws(() => copy.of({ to: 'x' }), { code: 'missing-argument' });
});

test('functions give choices: literal ones with `as const`, else their type', () => {
  clear();
  const named: readonly string[] = ['a', 'b'];
  const deploy = task('deploy::[env]::[size]::[any]')
    .args({ env: () => ['dev', 'prod'] as const, size: () => [1, 2], any: named })
    .action((_ctx, { env, size, any }) => {
      same<typeof env, 'dev' | 'prod'>(true);
      same<typeof size, number>(true);
      same<typeof any, string>(true);
    });
  assert.equal(deploy.of({ env: 'dev', size: 2, any: 'a' }).name, 'deploy::dev::2::a');
  // @ts-expect-error 'qa' is no choice
  assert.throws(() => deploy.of({ env: 'qa', size: 2, any: 'a' }), {
    code: 'argument-not-a-choice',
  });
  assert.throws(() => deploy.of({ env: 'dev', size: 3, any: 'a' }), {
    code: 'argument-not-a-choice',
  });
  // @ts-expect-error sizes are numbers
  assert.equal(deploy.of({ env: 'dev', size: '2', any: 'a' }).name, 'deploy::dev::2::a');
  const odd = task('odd::[x]');
  // @ts-expect-error a choice is something that can stand in a name
  assert.throws(() => odd.args({ x: () => [{}] }).of({ x: 'a' }), { code: 'invalid-option' });
});

test('choices may be strings, numbers, booleans and bigints, also mixed', () => {
  clear();
  const mixed = task('mixed::[x]')
    .args({ x: ['a', 1, true, 2n] })
    .action((_ctx, { x }) => same<typeof x, 'a' | 1 | true | 2n>(true));
  assert.equal(mixed.of({ x: 2n }).name, 'mixed::2');
  // @ts-expect-error neither a choice nor its text
  assert.throws(() => mixed.of({ x: false }), { code: 'argument-not-a-choice' });
  const none = task('none::[x]');
  // @ts-expect-error null is no choice
  assert.throws(() => none.args({ x: [null] }).of({ x: 'null' }), { code: 'invalid-option' });
});

test('constructors give the types of their values', () => {
  clear();
  const cast = task('cast::[n]::[flag]::[big]::[text]').args({
    n: Number,
    flag: Boolean,
    big: BigInt,
    text: String,
  });
  cast.action((_ctx, args) => {
    same<
      typeof args,
      { readonly n: number; readonly flag: boolean; readonly big: bigint; readonly text: string }
    >(true);
  });
  const good = { n: 1.5, flag: false, big: 3n, text: 'x' };
  assert.equal(cast.of(good).name, 'cast::1.5::false::3::x');
  // @ts-expect-error n is a number
  assert.throws(() => cast.of({ ...good, n: 'one' }), { code: 'argument-invalid' });
  // @ts-expect-error flag is a boolean
  assert.throws(() => cast.of({ ...good, flag: 'maybe' }), { code: 'argument-invalid' });
  // @ts-expect-error big is a bigint
  assert.throws(() => cast.of({ ...good, big: 1.5 }), { code: 'argument-invalid' });
  // @ts-expect-error text is a string
  assert.throws(() => cast.of({ ...good, text: Symbol('x') }), { code: 'argument-invalid' });
  // @ts-expect-error Date is no constructor that arguments are cast with
  assert.throws(() => task('date::[x]').args({ x: Date }).of({ x: 'a' }), {
    code: 'invalid-option',
  });
});

test('a Standard Schema gives its output type', () => {
  clear();
  const port = v.pipe(v.string(), v.transform(Number), v.integer(), v.minValue(1));
  const level = v.picklist(['debug', 'info']);
  const serve = task('serve::[port]::[level]')
    .args({ port, level })
    .action((_ctx, args) => {
      same<typeof args, { readonly port: number; readonly level: 'debug' | 'info' }>(true);
    });
  assert.equal(serve.of({ port: 80, level: 'info' }).name, 'serve::80::info');
  // @ts-expect-error 'loud' is none of the picklist
  assert.throws(() => serve.of({ port: 80, level: 'loud' }), { code: 'argument-invalid' });
  // @ts-expect-error the output of the schema is a number
  assert.throws(() => serve.of({ port: 'http', level: 'info' }), { code: 'argument-invalid' });
});

test('.of() refuses a value that the text in the name does not bring back', () => {
  clear();
  const length = v.pipe(
    v.string(),
    v.transform((text) => text.length),
  );
  const words = v.pipe(
    v.string(),
    v.transform((text) => text.split(',')),
  );
  const made = task('made::[length]::[words]').args({ length, words });
  assert.equal(made.of({ length: 1, words: ['a', 'b'] }).name, 'made::1::a,b');
  assert.throws(() => made.of({ length: 3, words: [] }), { code: 'argument-invalid' });
  assert.throws(() => made.of({ length: 3, words: ['a'] }), {
    code: 'argument-invalid',
    message: /3 for \[length\] of 'made::.*' would come back as 1\./,
  });
  const text = task('text::[x]');
  // @ts-expect-error an argument is a string, though a number that stands in a name is clear
  assert.equal(text.of({ x: 5 }).name, 'text::5');
  // @ts-expect-error a list is not
  assert.throws(() => text.of({ x: ['a'] }), { code: 'argument-invalid' });
});

test('{ pattern } leaves the type string', () => {
  clear();
  const path = task('path::[file]')
    .args({ file: { pattern: /[a-z/]+/ } })
    .action((_ctx, { file }) => same<typeof file, string>(true));
  assert.equal(path.of({ file: 'src/a' }).name, 'path::src/a');
  assert.throws(() => path.of({ file: 'SRC' }), { code: 'argument-invalid' });
  // @ts-expect-error a pattern is a RegExp
  assert.throws(() => task('text::[x]').args({ x: { pattern: 'a' } }), { code: 'invalid-option' });
});

test('what cannot limit an argument is refused', () => {
  clear();
  // @ts-expect-error one choice alone is no list
  assert.throws(() => task('a::[x]').args({ x: 'dev' }), { code: 'invalid-option' });
  // @ts-expect-error a number limits nothing
  assert.throws(() => task('b::[x]').args({ x: 5 }), { code: 'invalid-option' });
  // @ts-expect-error null limits nothing
  assert.throws(() => task('c::[x]').args({ x: null }), { code: 'invalid-option' });
  // @ts-expect-error nor does an empty object
  assert.throws(() => task('d::[x]').args({ x: {} }), { code: 'invalid-option' });
  // @ts-expect-error the arguments are in an object
  assert.throws(() => task('e::[x]').args(['x']), { code: 'invalid-option' });
  // @ts-expect-error a plain task has no arguments
  assert.throws(() => task('f').args({ x: ['a'] }), { code: 'invalid-option' });
  // @ts-expect-error beside one that is right
  assert.throws(() => task('g::[x]').args({ x: ['a'], y: ['b'] }), { code: 'invalid-option' });
});

test('.args() may come in parts, and what comes later refines', () => {
  clear();
  task('parts::[x]::[y]')
    .args({ x: ['a', 'b'] })
    .args({ y: Number })
    .action((_ctx, args) => {
      same<typeof args, { readonly x: 'a' | 'b'; readonly y: number }>(true);
    });
});

test('.of() and .gulp() take exactly the arguments', () => {
  clear();
  const one = task('one::[x]').args({ x: ['a', 'b'] });
  const plain = task('none');
  assert.equal(plain.of().name, 'none');
  assert.equal(typeof one.gulp({ x: 'a' }), 'function');
  for (const step of ['of', 'gulp'] as const) {
    // @ts-expect-error the argument is missing
    assert.throws(() => one[step]({}), { code: 'missing-argument' });
    // @ts-expect-error so it is here
    assert.throws(() => one[step](), { code: 'missing-argument' });
    // @ts-expect-error 'c' is no choice
    assert.throws(() => one[step]({ x: 'c' }), { code: 'argument-not-a-choice' });
    // @ts-expect-error there is no argument y
    assert.throws(() => one[step]({ x: 'a', y: 'b' }), { code: 'argument-invalid' });
    // @ts-expect-error arguments have names
    assert.throws(() => one[step]('a'), { code: 'invalid-option' });
    // @ts-expect-error a plain task takes none
    assert.throws(() => plain[step]({ x: 'a' }), { code: 'argument-invalid' });
  }
});

test('.defaults() makes arguments optional, and takes only values that fit', () => {
  clear();
  const both = task('both::[x]::[y]')
    .args({ x: ['a', 'b'], y: Number })
    .defaults({ x: 'a' })
    .defaults({ y: 1 });
  assert.equal(both.of().name, 'both::a::1');
  assert.equal(both.of({ y: 2 }).name, 'both::a::2');
  // @ts-expect-error 'q' is no choice
  assert.throws(() => both.of({ x: 'q' }), { code: 'argument-not-a-choice' });
  const half = task('half::[x]::[y]').defaults({ x: 'a' });
  // @ts-expect-error y has no default
  assert.throws(() => half.of({ x: 'a' }), { code: 'missing-argument' });
  const wrong = task('wrong::[x]').args({ x: ['a'] });
  // @ts-expect-error 'q' is no choice
  assert.throws(() => wrong.defaults({ x: 'q' }).of(), { code: 'argument-not-a-choice' });
  // @ts-expect-error defaults have names
  assert.throws(() => task('list::[x]').defaults(['a']), { code: 'invalid-option' });
});

test('extra names from .defaults() reach functions of the definition, not the action', () => {
  clear();
  const site = task('site::[env]')
    .args({ env: ['dev', 'prod'] })
    .defaults({ region: 'eu', replicas: 2 });
  site
    .deps('upload::[region]::[env]', (args, ctx) => {
      same<typeof args.region, 'eu'>(true);
      same<typeof args.replicas, 2>(true);
      same<typeof args.env, 'dev' | 'prod'>(true);
      same<typeof ctx.name, string>(true);
      // @ts-expect-error nobody gave a zone
      void args.zone;
      return [];
    })
    .inputs(({ region }) => `regions/${region}`)
    .action((ctx, args) => {
      // @ts-expect-error the region is no argument
      void args.region;
      // @ts-expect-error nor is it here
      void ctx.args.region;
    });
  // @ts-expect-error the region is no argument
  assert.throws(() => site.of({ env: 'dev', region: 'us' }), { code: 'argument-invalid' });
  assert.throws(() => task('zone::[env]').deps('upload::[zone]'), { code: 'invalid-pattern' });
});

test('.args() and .defaults() come before every other step', () => {
  clear();
  const steps = [
    task('s1::[x]').deps('a'),
    task('s2::[x]').rdeps('a'),
    task('s3::[x]').inputs('a'),
    task('s4::[x]').ignore('a'),
    task('s5::[x]').outputs('a'),
    task('s6::[x]').locks('a'),
    task('s7::[x]').wave(1),
    task('s8::[x]').env('A'),
    task('s9::[x]').retries(1),
    task('s10::[x]').now(),
    task('s11::[x]').isolate(),
    task('s12::[x]').timeout(1),
    task('s13::[x]').softTimeout('1s'),
    task('s13b::[x]').debounce('1s'),
    task('s13c::[x]').service({ readyWhen: 80 }),
    task('s14::[x]').noSkip(),
    task('s15::[x]').inProcess(),
    task('s16::[x]').wrap((done) => done()),
    task('s17::[x]').action(() => 1),
  ] as const;
  for (const step of steps) {
    // @ts-expect-error the types of functions seen earlier would be wrong
    void step.args;
    // @ts-expect-error likewise
    void step.defaults;
  }
  // A description holds no function.
  task('s18::[x]')
    .describe('text')
    .args({ x: ['a'] })
    .defaults({ x: 'a' });
});
