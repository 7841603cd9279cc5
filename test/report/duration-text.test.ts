import assert from 'node:assert/strict';
import { test } from 'node:test';
import { durationText } from '../../lib/report/duration-text.ts';

test('a duration is told in the unit that suits it, and never as 60 of a smaller one', () => {
  const spans: [number, string][] = [
    [0, '0 ms'],
    [0.4, '0 ms'],
    [811.6, '812 ms'],
    [999.4, '999 ms'],
    [999.5, '1 s'],
    [4200, '4.2 s'],
    [59_949, '59.9 s'],
    [59_950, '1 min 00 s'],
    [65_000, '1 min 05 s'],
    [3_599_400, '59 min 59 s'],
    [3_599_500, '1 h 00 min'],
    [7_620_000, '2 h 07 min'],
  ];
  assert.deepEqual(
    spans.map(([ms]) => durationText(ms)),
    spans.map(([, text]) => text),
  );
});
