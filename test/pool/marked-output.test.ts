import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MarkedOutput } from '../../lib/pool/marked-output.ts';
import { streamMark } from '../../lib/pool/records.ts';

const begin = streamMark('nonce', 1, 'begin');
const end = streamMark('nonce', 1, 'end');

function heardOf(output: MarkedOutput, job = 1): string[] {
  const log: string[] = [];
  output.begin(
    job,
    (text) => log.push(text),
    () => log.push('(end)'),
  );
  return log;
}

function feed(output: MarkedOutput, ...parts: string[]): void {
  for (const part of parts) output.take(Buffer.from(part));
}

test('text between the two marks is handed on as it comes; before and after it is of nobody', () => {
  const output = new MarkedOutput('nonce');
  const log = heardOf(output);
  feed(output, 'early', `x${begin}one`, `two${end}late`, 'later');
  assert.deepEqual(log, ['one', 'two', '(end)']);
});

test('both marks may come at once, with nothing between them', () => {
  const output = new MarkedOutput('nonce');
  const log = heardOf(output);
  feed(output, begin + end);
  assert.deepEqual(log, ['(end)']);
});

test('a mark that comes in pieces is not taken for text, text that begins like one is', () => {
  const output = new MarkedOutput('nonce');
  const log = heardOf(output);
  feed(
    output,
    `a${begin.slice(0, 5)}`,
    `${begin.slice(5)}b${end.slice(0, 12)}`,
    'x',
    end.slice(0, 1),
  );
  feed(output, end.slice(1, 20), end.slice(20));
  assert.deepEqual(log, ['b', `${end.slice(0, 12)}x`, '(end)']);
});

test('a character whose bytes come apart is put together', () => {
  const output = new MarkedOutput('nonce');
  const log = heardOf(output);
  for (const byte of Buffer.from(`${begin}ä€`)) output.take(Buffer.of(byte));
  assert.equal(log.join(''), 'ä€');
});

test('half a character before the mark belongs to that job and spoils no other', () => {
  const output = new MarkedOutput('nonce');
  const first = heardOf(output);
  const half = Buffer.from('€').subarray(0, 2);
  output.take(Buffer.concat([Buffer.from(begin), half, Buffer.from(end)]));
  const second = heardOf(output, 2);
  feed(output, `${streamMark('nonce', 2, 'begin')}next`);
  assert.deepEqual([first, second], [['\ufffd', '(end)'], ['next']]);
});

test('when the stream ends what was held back is handed on, and no mark is waited for', () => {
  const output = new MarkedOutput('nonce');
  const log = heardOf(output);
  feed(output, `${begin}a${end.slice(0, 9)}`);
  output.finish();
  assert.deepEqual(log, ['a', end.slice(0, 9), '(end)']);
  assert.deepEqual(heardOf(output), ['(end)']);
});
