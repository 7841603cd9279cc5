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
  matches(name: string): TrieMatch<T>[] {
    if (this.#separator === undefined) return [];
    const parts = name.split(this.#separator);
    const found: TrieMatch<T>[] = [];
    const pending = [{ node: this.#root, depth: 0 }];
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      const { node, depth } = next;
      const part = parts[depth];
      if (part === undefined) {
        collect(node.ends, parts, found);
        continue;
      }
      for (const rests of node.rests.fitting(part)) collect(rests, parts, found);
      for (const child of node.placeholders.fitting(part)) {
        pending.push({ node: child, depth: depth + 1 });
      }
      const literal = node.literals.get(part);
      if (literal !== undefined) pending.push({ node: literal, depth: depth + 1 });
    }
    return found;
  }
}

/** What stands under literal text in front of a placeholder. */
class ByPrefix<V> {
  readonly #values = new Map<string, V>();
  readonly #lengths: number[] = [];

  getOrAdd(prefix: string, make: () => V): V {
    const before = this.#values.get(prefix);
    if (before !== undefined) return before;
    const made = make();
    this.#values.set(prefix, made);
    if (!this.#lengths.includes(prefix.length)) this.#lengths.push(prefix.length);
    return made;
  }

  /** Those whose prefix `part` has; something has to be left for the placeholder. */
  *fitting(part: string): Iterable<V> {
    for (const length of this.#lengths) {
      const value = length < part.length ? this.#values.get(part.slice(0, length)) : undefined;
      if (value !== undefined) yield value;
    }
  }
}

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

function collect<T>(
  entries: readonly Entry<T>[],
  parts: readonly string[],
  into: TrieMatch<T>[],
): void {
  for (const { pattern, item } of entries) {
    const values = matchParts(pattern, parts);
    if (values !== undefined) into.push({ item, values });
  }
}
