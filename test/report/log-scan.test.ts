import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LogIgnore } from '../../lib/model/log-rule.ts';
import { type Findings, LogScan } from '../../lib/report/log-scan.ts';

interface Case {
  readonly hasFailed?: boolean;
  readonly rules?: readonly LogIgnore[];
}

function scan(pieces: readonly string[], { hasFailed = false, rules = [] }: Case = {}): Findings {
  const found = new LogScan(rules, hasFailed);
  for (const piece of pieces) found.take(piece);
  return found.findings(hasFailed);
}

/** `FIRST-LAST: lines` of each excerpt. */
function excerpts(lines: readonly string[], of: Case = {}): string[] {
  return scan([lines.join('\n')], of).excerpts.map(
    ({ firstLine, lastLine, lines: shown }) => `${firstLine}-${lastLine}: ${shown.join(' ')}`,
  );
}

test('a keyword is shown with two lines before and after it', () => {
  assert.deepEqual(excerpts(['a', 'b', 'c', 'warning: d', 'e', 'f', 'g']), [
    '2-6: b c warning: d e f',
  ]);
});

test('excerpts that overlap or touch are one', () => {
  const six = ['error 1', 'b', 'c', 'd', 'e', 'error 6', 'g'];
  assert.deepEqual(excerpts(six), ['1-7: error 1 b c d e error 6 g']);
  assert.deepEqual(excerpts(['error 1', 'b', 'c', 'd', 'e', 'f', 'error 7']), [
    '1-3: error 1 b c',
    '5-7: e f error 7',
  ]);
});

test('keywords are whole words in any case, coloured or not', () => {
  const hits = ['Error', 'WARNING', 'a notice!', 'deprecated,', '(deprecation)', 'exception'];
  for (const line of hits) assert.equal(excerpts([line]).length, 1, line);
  assert.equal(excerpts(['\u001b[33mwarning\u001b[39m']).length, 1);
  for (const line of ['errors', 'TypeError', 'some_warning', 'noticed']) {
    assert.deepEqual(excerpts([line]), []);
  }
});

test('without a keyword a failed task shows its last sixteen lines, another none', () => {
  const lines = Array.from({ length: 20 }, (_, index) => `${index + 1}`);
  assert.deepEqual(excerpts(lines, { hasFailed: true }), [`5-20: ${lines.slice(4).join(' ')}`]);
  assert.deepEqual(excerpts(lines), []);
});

test('lines that are to be ignored are not counted, not searched and not shown', () => {
  const found = scan(['error a\nerror b\nc\n'], { rules: [/ a$/g] });
  assert.deepEqual(found.whole, ['error b', 'c']);
  assert.equal(found.lineCount, 2);
  assert.deepEqual(found.excerpts, [{ firstLine: 2, lastLine: 3, lines: ['error b', 'c'] }]);
});

test('lines may come in pieces, with either kind of line end, and without a last one', () => {
  assert.deepEqual(scan(['on', 'e\r', '\ntwo\nth', 'ree']).whole, ['one', 'two', 'three']);
});

test('all lines are kept as long as they are few', () => {
  const lines = (count: number): string[] => Array.from({ length: count }, () => 'x\n');
  assert.equal(scan(lines(40)).whole?.length, 40);
  assert.equal(scan(lines(41)).whole, undefined);
});

test('a line without an end takes no more memory than any other', () => {
  const { whole } = scan([...Array.from({ length: 1000 }, () => 'x'.repeat(1000)), '\nnext']);
  assert.deepEqual(
    whole?.map((line) => line.length),
    [4098, 4],
  );
});

test('many errors are shown up to a bound, and the others counted', () => {
  const { excerpts: found, unshownHits } = scan(
    Array.from({ length: 1000 }, () => 'error\n'),
    {
      hasFailed: true,
    },
  );
  assert.deepEqual([found.length, found[0]?.lines.length, unshownHits], [1, 200, 800]);
});

test('a million lines are scanned', { timeout: 60_000 }, () => {
  const found = new LogScan([], true);
  const piece = `${'x'.repeat(63)}\n`.repeat(1024);
  for (let count = 0; count < 1000; count++) found.take(piece);
  assert.equal(found.findings(true).lineCount, 1_024_000);
});
