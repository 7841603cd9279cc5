import assert from 'node:assert/strict';
import { create, type ErrorCode, results, run, task, wait } from '../../lib/index.ts';
import { endOfRows, row } from './rows.ts';
import { openStage } from './stage.ts';

const choices = { x: ['a', 'b'], y: [1, 2] } as const;

function defineFoo(): void {
  openStage();
  task('foo::[x]::[y]')
    .args(choices)
    .action((_ctx, { x, y }) => `${x}_${y}:${typeof y}`);
}

/** The code and the whole text of what `work` throws. */
function problemOf(work: () => unknown): { readonly code: ErrorCode; readonly text: string } {
  try {
    work();
  } catch (error) {
    assert.ok(error instanceof Error && error.name === 'DefinitionError', String(error));
    return { code: (error as Error & { code: ErrorCode }).code, text: error.message };
  }
  return assert.fail('nothing was thrown');
}

row(
  'A1',
  '(changed: create() takes the name of an instance) a task of allowed choices is created, and gets them as they are listed',
  async () => {
    defineFoo();
    const names = create('foo::a::2');
    assert.deepEqual(names, ['foo::a::2']);
    assert.deepEqual({ ...(await wait(names)) }, { 'foo::a::2': 'a_2:number' });
  },
);

row('A2', 'a value that is no choice is refused, and the allowed choices are listed', () => {
  defineFoo();
  const { code, text } = problemOf(() => create('foo::c::2'));
  assert.equal(code, 'argument-not-a-choice');
  assert.match(text, /'c' is no \[x\] of 'foo::\[x\]::\[y\]': allowed choices are a, b\./);
});

row('A3', 'a glob stands for all choices that it fits, and all of them run', async () => {
  defineFoo();
  const names = create('foo::*::2');
  assert.deepEqual(names, ['foo::a::2', 'foo::b::2']);
  await wait(names);
  assert.deepEqual({ ...results() }, { 'foo::a::2': 'a_2:number', 'foo::b::2': 'b_2:number' });
});

row('A4', 'a glob that fits one choice gives an array of one', () => {
  defineFoo();
  assert.deepEqual(create('foo::b*::1'), ['foo::b::1']);
});

row('A5', '? stands for one character and * for any number of them', () => {
  openStage();
  task('foo::[x]::[y]').args({ x: ['a', 'ab', 'b'], y: [1, 2] });
  assert.deepEqual(create('foo::?::1'), ['foo::a::1', 'foo::b::1']);
  assert.deepEqual(create('foo::a*::1'), ['foo::a::1', 'foo::ab::1']);
  assert.deepEqual(create('foo::*b::1'), ['foo::ab::1', 'foo::b::1']);
  assert.deepEqual(create('foo::a?::1'), ['foo::ab::1']);
});

row('A6', 'a glob for an argument without choices is refused', () => {
  openStage();
  task('foo::[x]::[y]');
  for (const name of ['foo::*::2', 'foo::x?::2']) {
    const { code, text } = problemOf(() => create(name));
    assert.equal(code, 'glob-without-choices', name);
    assert.match(text, /glob for \[x\].*no choices.*\n.*\.args\(\{ x: \['\.\.\.'\] \}\)/);
  }
});

row('A7', 'globs in two arguments stand for all pairs, the first argument slowest', async () => {
  defineFoo();
  const names = create('foo::*::*');
  assert.deepEqual(names, ['foo::a::1', 'foo::a::2', 'foo::b::1', 'foo::b::2']);
  const found = await wait(names);
  assert.deepEqual(
    Object.values(found),
    ['a_1', 'a_2', 'b_1', 'b_2'].map((text) => `${text}:number`),
  );
});

row('A8', 'a glob that fits no choice is refused with the allowed values', () => {
  defineFoo();
  const { code, text } = problemOf(() => create('foo::z*::1'));
  assert.equal(code, 'no-match');
  assert.match(
    text,
    /'z\*' in 'foo::z\*::1' fits no choice of \[x\]\.\n {2}Allowed choices are a, b\./,
  );
});

row(
  'A8',
  '(changed: the other arguments are validated too) a literal beside a glob has to be a choice',
  () => {
    defineFoo();
    assert.equal(problemOf(() => create('foo::*::3')).code, 'argument-not-a-choice');
  },
);

row('A9', 'run() starts all that a glob stands for', async () => {
  defineFoo();
  const { ok, results: found } = await run('foo::*::2');
  assert.equal(ok, true);
  assert.deepEqual({ ...found }, { 'foo::a::2': 'a_2:number', 'foo::b::2': 'b_2:number' });
});

row('A10', 'choices for what is no placeholder are refused when the task is defined', () => {
  openStage();
  const { code, text } = problemOf(() =>
    // @ts-expect-error `z` is no placeholder of the name
    task('foo::[x]::[y]').args({ x: ['a'], z: ['b'] }),
  );
  assert.equal(code, 'invalid-option');
  assert.match(text, /names 'z', which is no argument of 'foo::\[x\]::\[y\]'/);
});

endOfRows(import.meta.url);
