import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type OutputTail, tailText, withOutput } from '../../lib/report/output-tail.ts';

const kept = 256 * 1024;

function tailOf(texts: Iterable<string>): OutputTail {
  let tail: OutputTail | undefined;
  for (const text of texts) tail = withOutput(tail, 'stdout', text);
  assert.ok(tail);
  return tail;
}

test('output up to 256 KiB is kept whole', () => {
  const text = 'x'.repeat(kept);
  assert.equal(tailText(tailOf([text.slice(0, 1000), text.slice(1000)])), text);
});

test('of longer output the last whole lines are kept, and how much is gone is said', () => {
  const lines = Array.from({ length: 300 }, (_, index) => `${index} ${'x'.repeat(1020)}\n`);
  const [head, ...kept] = tailText(tailOf(lines)).split(/(?<=\n)/);
  const gone = lines.slice(0, -kept.length).join('').length;
  assert.equal(head, `… ${(gone / 1024).toFixed(1)} KiB of output before this are left out\n`);
  assert.deepEqual(
    kept.map((line) => line.slice(0, 4)),
    lines.slice(-kept.length).map((line) => line.slice(0, 4)),
  );
  assert.equal(kept.length, 255);
});

test('what is gone is counted in bytes, over all that was written', () => {
  const text = tailText(tailOf(Array.from({ length: 1000 }, () => 'ä'.repeat(4095).concat('\n'))));
  assert.equal(text.split('\n')[0], '… 7.3 MiB of output before this are left out');
});

test('the end of one line without end is kept', () => {
  assert.equal(
    tailText(tailOf(['y'.repeat(100), 'x'.repeat(kept - 1), '\n'])),
    `… 100 bytes of output before this are left out\n${'x'.repeat(kept - 1)}\n`,
  );
});

test('memory stays bounded, and each text costs in proportion to its length', {
  timeout: 20_000,
}, () => {
  let longest = 0;
  let tail: OutputTail | undefined;
  for (let count = 0; count < 1_000_000; count++) {
    tail = withOutput(tail, 'stdout', 'a line of output\n');
    longest = Math.max(longest, tail.text.length);
  }
  assert.ok(longest <= 2 * kept, `${longest} characters`);
});

test('what comes on the other stream begins a line of its own', () => {
  const out = withOutput(undefined, 'stdout', 'working');
  const both = withOutput(out, 'stderr', 'a warning\n');
  assert.equal(tailText(withOutput(both, 'stdout', 'done\n')), 'working\na warning\ndone\n');
});
