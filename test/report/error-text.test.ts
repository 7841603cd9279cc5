import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { errorText } from '../../lib/report/error-text.ts';

const ownUrl = new URL('../../lib/child/worker.ts', import.meta.url);
const message = 'x is not a function';
const userFrame = 'at build (file:///site/build.ts:3:5)';
const libraryFrame = 'at compile (/site/node_modules/sass/sass.js:9:1)';
const foreignFrames = [
  libraryFrame,
  `at runAction (${ownUrl.href}:1:2)`,
  `at runAction (${fileURLToPath(ownUrl)}:1:2)`,
  'at async open (node:internal/fs/promises:639:25)',
  'at node:events:517:28',
];

function stackOf(head: string, frames: readonly string[]): string {
  return [head, ...frames.map((frame) => `    ${frame}`)].join('\n');
}

test('of the stack the frames in the user’s code are shown', () => {
  const stack = stackOf(`TypeError: ${message}`, [...foreignFrames, userFrame, ...foreignFrames]);
  assert.equal(
    errorText({ name: 'TypeError', message, stack }),
    `TypeError: ${message}\n  ${userFrame}`,
  );
});

test('an error of a gulp plugin says which one it was and at which file, once', () => {
  const shown = (own: Readonly<Record<string, unknown>>) =>
    errorText({ name: 'Error', message: 'gulp-ours: no good', own });
  const file = { fileName: '/site/src/a.js' };
  assert.deepEqual(
    [shown({ plugin: 'gulp-odd', ...file }), shown({ plugin: 'gulp-odd' }), shown(file)],
    [
      'Error: gulp-ours: no good\n  in plugin gulp-odd, file /site/src/a.js',
      'Error: gulp-ours: no good\n  in plugin gulp-odd',
      'Error: gulp-ours: no good\n  in file /site/src/a.js',
    ],
  );
  const inFile = 'Error: gulp-ours: no good\n  in file /site/src/a.js';
  assert.equal(shown({ plugin: 'gulp-ours', ...file }), inFile);
  const own = { plugin: 'gulp-ours', ...file };
  const message = 'gulp-ours: src/a.js: no good';
  assert.equal(errorText({ name: 'Error', message, own }), `Error: ${message}`);
});

test('frames of libraries are shown if there are no others', () => {
  const stack = stackOf(`TypeError: ${message}`, [libraryFrame]);
  assert.equal(
    errorText({ name: 'TypeError', message, stack }),
    `TypeError: ${message}\n  ${libraryFrame}`,
  );
});

test('what the stack says before its frames is kept, such as the line that cannot be parsed', () => {
  const head = 'file:///site/build.ts:3\nconst = 3;\n      ^\n\nSyntaxError: Unexpected token';
  assert.equal(
    errorText({
      name: 'SyntaxError',
      message: 'Unexpected token',
      stack: stackOf(head, [userFrame]),
    }),
    `${head}\n  ${userFrame}`,
  );
});

test('a name or message that was changed after the stack was made is told as it is now', () => {
  const stack = stackOf('Error: old', [userFrame]);
  assert.equal(
    errorText({ name: 'CompileError', message: 'new', stack }),
    `CompileError: new\n  ${userFrame}`,
  );
});

test('a message of several lines is whole, also where a line looks like a frame', () => {
  const long = 'first\n    at second\nthird';
  const stack = stackOf(`Error: ${long}`, [userFrame]);
  assert.equal(
    errorText({ name: 'Error', message: long, stack }),
    `Error: ${long}\n  ${userFrame}`,
  );
});

test('an error without message or stack is its name', () => {
  assert.equal(errorText({ name: 'AbortError', message: '' }), 'AbortError');
});

test('a code in letters is told unless the message has it', () => {
  const error = { name: 'Error', code: 'ENOENT' };
  assert.equal(errorText({ ...error, message: 'no file' }), 'Error: no file (ENOENT)');
  assert.equal(errorText({ ...error, message: 'ENOENT: no file' }), 'Error: ENOENT: no file');
  assert.equal(errorText({ name: 'AbortError', message: 'stop', code: 20 }), 'AbortError: stop');
});

test('causes and collected errors follow, down to the first', () => {
  const root = {
    name: 'Error',
    message: 'disk full',
    stack: stackOf('Error: disk full', [userFrame]),
  };
  const middle = { name: 'Error', message: 'cannot write', cause: root };
  const errors = [
    { name: 'Error', message: 'one' },
    { name: 'Error', message: 'two', cause: { name: 'Error', message: 'three' } },
  ];
  assert.equal(
    errorText({ name: 'AggregateError', message: 'all failed', errors, cause: middle }),
    [
      'AggregateError: all failed',
      '  Error: one',
      '  Error: two',
      '  caused by Error: three',
      'caused by Error: cannot write',
      'caused by Error: disk full',
      `  ${userFrame}`,
    ].join('\n'),
  );
});
