import type { Segment } from '../model/pattern.ts';

interface TrieNode {
  readonly children: Map<string, TrieNode>;
  name: string | undefined;
}

/** Names of nodes by their segments, to find those that fit a pattern without looking at the others. */
export class NameTrie {
  readonly #separator: string;
  readonly #root: TrieNode = { children: new Map(), name: undefined };

  constructor(separator: string) {
    this.#separator = separator;
  }

  add(name: string): void {
    let node = this.#root;
    for (const part of name.split(this.#separator)) {
      let child = node.children.get(part);
      if (child === undefined) {
        child = { children: new Map(), name: undefined };
        node.children.set(part, child);
      }
      node = child;
    }
    node.name = name;
  }

  /** All names that fit, whatever their placeholders stand for. */
  fitting(segments: readonly Segment[]): string[] {
    const found: string[] = [];
    const pending = [{ node: this.#root, depth: 0 }];
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      const { node, depth } = next;
      const segment = segments[depth];
      if (segment === undefined) {
        if (node.name !== undefined) found.push(node.name);
        continue;
      }
      for (const child of childrenFitting(node, segment)) {
        if (segment.kind === 'placeholder' && segment.rest) addAllBelow(child, found);
        else pending.push({ node: child, depth: depth + 1 });
      }
    }
    return found;
  }
}

function* childrenFitting(node: TrieNode, segment: Segment): Iterable<TrieNode> {
  if (segment.kind === 'literal') {
    const child = node.children.get(segment.text);
    if (child !== undefined) yield child;
    return;
  }
  const { prefix } = segment;
  for (const [part, child] of node.children) {
    if (part.length > prefix.length && part.startsWith(prefix)) yield child;
  }
}

function addAllBelow(top: TrieNode, into: string[]): void {
  const pending = [top];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (node.name !== undefined) into.push(node.name);
    for (const child of node.children.values()) pending.push(child);
  }
}
