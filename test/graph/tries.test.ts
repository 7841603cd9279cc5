import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NameTrie } from '../../lib/graph/name-trie.ts';
import { PatternTrie } from '../../lib/graph/pattern-trie.ts';
import { matchPattern, parsePattern } from '../../lib/model/pattern.ts';
import { matchVectors } from '../model/match-vectors.ts';

const parts = ['a', 'b', 'ab', 'a-x', '[x]', 'a-[x]', '[...x]', 'a-[...x]'];
const texts = combinations(parts).filter(
  (text) => text.indexOf('[') === text.lastIndexOf('[') && !/\[\.\.\.x\]::/.test(text),
);
const patterns = [...texts, ...matchVectors.map(({ pattern }) => pattern)].map((text) =>
  parsePattern(text, '::'),
);
const names = [
  ...combinations(['a', 'b', 'ab', 'a-', 'a-x', 'z', '']),
  ...matchVectors.flatMap(({ fits, misfits }) => [...Object.keys(fits), ...misfits]),
];

test('a trie of patterns finds just those that fit, with the same values', () => {
  const trie = new PatternTrie<string>();
  for (const pattern of patterns) trie.add(pattern, pattern.text);
  for (const name of names) {
    const expected = new Map(patterns.map((each) => [each.text, matchPattern(each, name)]));
    const found = new Map(trie.matches(name).map(({ item, values }) => [item, values]));
    for (const [text, values] of expected) assert.deepEqual(found.get(text), values, text);
  }
});

test('a trie of names finds just those that fit a pattern', () => {
  const trie = new NameTrie('::');
  const whole = new Set(names.filter((name) => !name.split('::').includes('')));
  for (const name of whole) trie.add(name);
  for (const pattern of patterns) {
    const expected = [...whole].filter((name) => matchPattern(pattern, name) !== undefined);
    assert.deepEqual(new Set(trie.fitting(pattern.segments)), new Set(expected), pattern.text);
  }
});

test('patterns that all overlap are looked at once each', () => {
  const trie = new PatternTrie<string>();
  const depth = 12;
  for (let bits = 0; bits < 2 ** depth; bits++) {
    const text = Array.from({ length: depth }, (_, i) => (bits & (1 << i) ? 'a' : `[p${i}]`));
    trie.add(parsePattern(text.join('::'), '::'), text.join('::'));
  }
  const name = Array.from({ length: depth }, () => 'a').join('::');
  assert.equal(trie.matches(name).length, 2 ** depth);
  assert.equal(trie.matches(`${name}::a`).length, 0);
});

/** All names of one to three of `segments`. */
function combinations(segments: readonly string[]): string[] {
  const two = segments.flatMap((a) => segments.map((b) => `${a}::${b}`));
  return [...segments, ...two, ...two.flatMap((ab) => segments.map((c) => `${ab}::${c}`))].filter(
    (text) => text !== '',
  );
}
