import assert from 'node:assert/strict';
import { test } from 'node:test';
import { safeName, safeText } from '../../lib/report/terminal-safe.ts';

test('a name shows control, bidi and line-breaking characters instead of sending them', () => {
  assert.equal(
    safeName('a\u001b[2J\rb\nc\td\u0007\u009b1A\u007f\u202eexe\u2066\u061c\u2028\u2029'),
    'a\\u001b[2J\\u000db\\u000ac\\u0009d\\u0007\\u009b1A\\u007f\\u202eexe\\u2066\\u061c\\u2028\\u2029',
  );
});

test('a name in any script is left as it is', () => {
  const name = 'bauen::größe::サイズ::שלום::👍';
  assert.equal(safeName(name), name);
});

test('output keeps tabs, line ends and, if colours are wanted, colours', () => {
  const text = 'a\tb\n\u001b[31mred\u001b[0m\n\u001b[38:5:9mnine\u001b[0m\n';
  assert.equal(safeText(text, true), text);
  assert.equal(safeText(text, false), 'a\tb\nred\nnine\n');
});

test('a colour does not last beyond its line', () => {
  assert.equal(safeText('\u001b[31mred\nplain', true), '\u001b[31mred\u001b[0m\nplain');
});

test('output loses everything else that steers a terminal, cut short or not', () => {
  const pieces: [string, string][] = [
    ['cursor up and erase: \u001b[1A\u001b[2K.', 'cursor up and erase: .'],
    ['screen and modes: \u001b[2J\u001b[?1049h\u001b[>4;2m.', 'screen and modes: .'],
    ['with 8 bits: \u009b2J\u009b31m.', 'with 8 bits: .'],
    ['title: \u001b]0;my title\u0007.', 'title: .'],
    ['link: \u001b]8;;http://x/\u001b\\text\u001b]8;;\u001b\\.', 'link: text.'],
    ['clipboard: \u009d52;c;ZXZpbA==\u009c.', 'clipboard: .'],
    ['strings: \u001bPq\u001b\\\u001b_a\u001b\\\u001b^b\u001b\\\u001bXc\u001b\\.', 'strings: .'],
    ['others: \u001bc\u001b7\u001b(B\u001bM.', 'others: .'],
    ['backspace, bell, nul: a\b\b\u0007\0.', 'backspace, bell, nul: a.'],
    ['cut short: \u001b[1;', 'cut short: '],
    ['cut short: \u001b', 'cut short: '],
  ];
  assert.deepEqual(
    pieces.map(([text]) => safeText(text, true)),
    pieces.map(([, safe]) => safe),
  );
});

test('a control string without an end hides no more than its line', () => {
  assert.equal(safeText('a\u001b]0;no end\nb', true), 'a\nb');
});

test('a carriage return and all other line breaks begin a new line', () => {
  assert.equal(
    safeText('10%\r20%\r\nend\vx\fy\u0085z\u2028v\u2029w', true),
    '10%\n20%\nend\nx\ny\nz\nv\nw',
  );
});

test('output shows bidi controls instead of sending them', () => {
  assert.equal(safeText('ok \u202edeliaf', true), 'ok \\u202edeliaf');
});

test('making output safe takes time in proportion to its length', { timeout: 20_000 }, () => {
  const patterns = ['\u001b', '\u001b[', '\u001b[1;', '\u001b]', '\u001b]0;', '\u009d', '\r', '\n'];
  const safe = patterns.map((pattern) => safeText(pattern.repeat(500_000), true).trim());
  assert.deepEqual(
    safe,
    patterns.map(() => ''),
  );
});
