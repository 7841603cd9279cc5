import { matchParts, type Pattern } from '../model/pattern.ts';

/** A pattern that fits a name, with what was filed under it. */
export interface TrieMatch<T> {
  readonly item: T;
  /** What the placeholders stand for. */
  readonly values: Record<string, string>;
}

interface Entry<T> {
  readonly pattern: Pattern;
  readonly item: T;
}

interface TrieNode<T> {
  readonly literals: Map<string, TrieNode<T>>;
  readonly placeholders: ByPrefix<TrieNode<T>>;
  readonly rests: ByPrefix<Entry<T>[]>;
  readonly ends: Entry<T>[];
}

/**
 * Patterns by their segments: which of them fit a name is found without looking at the others. A
 * look-up visits a node of the trie at most once, so it never takes longer than all patterns are.
 */
export class PatternTrie<T> {
  readonly #root: TrieNode<T> = newNode();
  #separator: string | undefined;

  /** Files `item` under `pattern`; all patterns of one trie have the same separator. */
  add(pattern: Pattern, item: T): void {
    this.#separator ??= pattern.separator;
    if (this.#separator !== pattern.separator) {
      throw new Error(`Internal error: '${pattern.text}' has another separator than the others`);
    }
    let node = this.#root;
    for (const segment of pattern.segments) {
      if (segment.kind === 'literal') node = childOf(node, segment.text);
      else if (segment.rest) {
        node.rests.getOrAdd(segment.prefix, () => []).push({ pattern, item });
        return;
      } else node = node.placeholders.getOrAdd(segment.prefix, newNode);
    }
    node.ends.push({ pattern, item });
  }

  /** All patterns that `name` fits. */
  matches(name: string): readonly TrieMatch<T>[] {
    if (this.#separator === undefined) return none;
    return visit(this.#root, 0, name.split(this.#separator));
  }
}

/** Goes no deeper than a pattern is long. */
function visit<T>(
  node: TrieNode<T>,
  depth: number,
  parts: readonly string[],
): readonly TrieMatch<T>[] {
  const part = parts[depth];
  if (part === undefined) return matchesAmong(node.ends, parts);
  const literal = node.literals.get(part);
  let found = literal === undefined ? none : visit(literal, depth + 1, parts);
  for (const length of node.placeholders.lengths) {
    const child = node.placeholders.fitting(part, length);
    if (child !== undefined) found = both(found, visit(child, depth + 1, parts));
  }
  for (const length of node.rests.lengths) {
    const rests = node.rests.fitting(part, length);
    if (rests !== undefined) found = both(found, matchesAmong(rests, parts));
  }
  return found;
}

/** Nearly always one of them is empty, and lists that grow take more room than they need. */
function both<T>(a: readonly T[], b: readonly T[]): readonly T[] {
  if (a.length === 0) return b;
  return b.length === 0 ? a : [...a, ...b];
}

/** What stands under literal text in front of a placeholder. */
class ByPrefix<V> {
  readonly #values = new Map<string, V>();
  /** How long these texts are. */
  readonly lengths: number[] = [];

  getOrAdd(prefix: string, make: () => V): V {
    const before = this.#values.get(prefix);
    if (before !== undefined) return before;
    const made = make();
    this.#values.set(prefix, made);
    if (!this.lengths.includes(prefix.length)) this.lengths.push(prefix.length);
    return made;
  }

  /** What stands under the first characters of `part`; something has to be left for the placeholder. */
  fitting(part: string, length: number): V | undefined {
    return length < part.length ? this.#values.get(part.slice(0, length)) : undefined;
  }
}

const none: readonly never[] = [];

function newNode<T>(): TrieNode<T> {
  return {
    literals: new Map(),
    placeholders: new ByPrefix(),
    rests: new ByPrefix(),
    ends: [],
  };
}

function childOf<T>(node: TrieNode<T>, text: string): TrieNode<T> {
  const before = node.literals.get(text);
  if (before !== undefined) return before;
  const child = newNode<T>();
  node.literals.set(text, child);
  return child;
}

function matchesAmong<T>(
  entries: readonly Entry<T>[],
  parts: readonly string[],
): readonly TrieMatch<T>[] {
  let found: readonly TrieMatch<T>[] = none;
  for (const { pattern, item } of entries) {
    const values = matchParts(pattern, parts);
    if (values !== undefined) found = both(found, [{ item, values }]);
  }
  return found;
}
