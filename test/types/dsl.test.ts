import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Ref, type Registry, task } from '../../lib/index.ts';
import { same } from './same.ts';

const styles = task('types::styles::[bundle]::[env]')
  .args({ bundle: [1, 2], env: ['dev', 'prod'] })
  .action((ctx, args) => {
    same<typeof args.bundle, 1 | 2>(true);
    same<typeof args.env, 'dev' | 'prod'>(true);
    same<typeof ctx.args.env, 'dev' | 'prod'>(true);
    // @ts-expect-error there is no such argument
    void args.mode;
    return { size: 1 };
  });

const cast = task('types::cast::[n]::[flag]::[big]::[text]')
  .args({ n: Number, flag: Boolean, big: BigInt, text: String })
  .action(async (_ctx, { n, flag, big, text }) => {
    same<typeof n, number>(true);
    same<typeof flag, boolean>(true);
    same<typeof big, bigint>(true);
    same<typeof text, string>(true);
    return [n];
  });

test('argument names come from the name, choices are unions, results are typed', () => {
  const ref = styles.of({ bundle: 1, env: 'dev' });
  assert.equal(ref.name, 'types::styles::1::dev');
  same<typeof ref, Ref<{ size: number }>>(true);
  const castRef = cast.of({ n: 1, flag: true, big: 2n, text: 'x' });
  same<typeof castRef, Ref<number[]>>(true);
  task('types::uses')
    .deps(ref)
    .action((ctx) => {
      same<{ size: number }, ReturnType<typeof read>>(true);
      function read(): { size: number } {
        return ctx.result(ref);
      }
    });
});

test('wrong uses do not compile, and are errors where they run', () => {
  // @ts-expect-error 'qa' is no choice
  assert.throws(() => styles.of({ bundle: 1, env: 'qa' }), { code: 'argument-not-a-choice' });
  // @ts-expect-error an argument is missing
  assert.throws(() => styles.of({ env: 'dev' }), { code: 'missing-argument' });
  // @ts-expect-error there is no argument 'mode'
  assert.throws(() => styles.of({ bundle: 1, env: 'dev', mode: 1 }), { code: 'argument-invalid' });
  // @ts-expect-error 'mode' is no placeholder of the name
  assert.throws(() => task('types::a::[x]').args({ mode: ['a'] }), { code: 'invalid-option' });
  assert.throws(() => task('types::b').deps('types::a::[y]'), { code: 'invalid-pattern' });
  // @ts-expect-error .args comes before .deps
  task('types::c::[x]').deps('types::b').args;
  // @ts-expect-error a plain task takes no arguments
  assert.throws(() => task('types::d').of({ x: 1 }), { code: 'argument-invalid' });
});

test('defaults make arguments optional, and add names for dep patterns', () => {
  const build = task('types::build::[env]')
    .args({ env: ['dev', 'prod'] })
    .defaults({ env: 'dev', region: 'eu' });
  build.deps('types::region::[region]', ({ env, region }) => {
    same<typeof region, 'eu'>(true);
    return `types::other::${env}`;
  });
  assert.equal(build.of().name, 'types::build::dev');
});

test('the registry fits what gulp takes', async () => {
  const { default: gulp } = await import('gulp');
  const fits: (registry: Registry) => void = (registry) => gulp.registry(registry);
  assert.equal(typeof fits, 'function');
});
