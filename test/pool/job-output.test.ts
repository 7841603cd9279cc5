import assert from 'node:assert/strict';
import { test } from 'node:test';
import { JobOutput } from '../../lib/pool/job-output.ts';

function heardOf(output: JobOutput, mark = '<MARK>'): string[] {
  const log: string[] = [];
  output.begin(
    mark,
    (text) => log.push(text),
    () => log.push('(end)'),
  );
  return log;
}

function feed(output: JobOutput, ...parts: string[]): void {
  for (const part of parts) output.take(Buffer.from(part));
}

test('text between the two marks is handed on as it comes; before and after it is of nobody', () => {
  const output = new JobOutput();
  const log = heardOf(output);
  feed(output, 'early', 'x<MARK>one', 'two<MARK>late', 'later');
  assert.deepEqual(log, ['one', 'two', '(end)']);
});

test('both marks may come at once, with nothing between them', () => {
  const output = new JobOutput();
  const log = heardOf(output);
  feed(output, '<MARK><MARK>');
  assert.deepEqual(log, ['(end)']);
});

test('a mark that comes in pieces is not taken for text, text that begins like one is', () => {
  const output = new JobOutput();
  const log = heardOf(output);
  feed(output, 'a<MA', 'RK>b<M', 'x', '<', 'MAR', 'K>');
  assert.deepEqual(log, ['b', '<Mx', '(end)']);
});

test('a character whose bytes come apart is put together', () => {
  const output = new JobOutput();
  const log = heardOf(output);
  for (const byte of Buffer.from('<MARK>ä€')) output.take(Buffer.of(byte));
  assert.equal(log.join(''), 'ä€');
});

test('half a character before the mark belongs to that job and spoils no other', () => {
  const output = new JobOutput();
  const first = heardOf(output);
  const half = Buffer.from('€').subarray(0, 2);
  output.take(Buffer.concat([Buffer.from('<MARK>'), half, Buffer.from('<MARK>')]));
  const second = heardOf(output, '<2>');
  feed(output, '<2>next');
  assert.deepEqual([first, second], [['\ufffd', '(end)'], ['next']]);
});

test('when the stream ends what was held back is handed on, and no mark is waited for', () => {
  const output = new JobOutput();
  const log = heardOf(output);
  feed(output, '<MARK>a<MAR');
  output.finish();
  assert.deepEqual(log, ['a', '<MAR', '(end)']);
  assert.deepEqual(heardOf(output), ['(end)']);
});
