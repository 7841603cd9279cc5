import { posix } from 'node:path';
import type { GraphNode, TaskNode } from '../model/node.ts';
import type { Segment } from '../model/pattern.ts';
import { FileUses } from './check-reads.ts';
import { Declarers } from './declarers.ts';
import type { Graph } from './graph.ts';
import { MapNews } from './map-news.ts';
import { NameTrie } from './name-trie.ts';

const indexes = new WeakMap<Graph, GraphIndex>();

/** The index of `graph`, up to date. What was added since the last time costs, the rest does not. */
export function indexOf(graph: Graph): GraphIndex {
  const index = indexes.get(graph) ?? new GraphIndex(graph);
  indexes.set(graph, index);
  index.catchUp();
  return index;
}

/** Finds nodes of a growing graph by what they make, and by the reverse deps that concern them. */
export class GraphIndex {
  /** Who makes a path. */
  readonly owners: Map<string, TaskNode> = new Map();
  readonly uses: FileUses = new FileUses();
  readonly declarers: Declarers = new Declarers();
  readonly #graph: Graph;
  readonly #news: MapNews<string, GraphNode>;
  #names: { readonly trie: NameTrie; readonly news: MapNews<string, GraphNode> } | undefined;

  constructor(graph: Graph) {
    this.#graph = graph;
    this.#news = new MapNews(graph);
  }

  catchUp(): void {
    for (const [name, node] of this.#news.read()) {
      if (node.kind !== 'task') continue;
      if (node.definition.rdeps.length > 0) {
        this.declarers.add(node.definition, node.rawArgs, name);
      }
      this.uses.add(node);
      for (const output of node.outputs) {
        const path = posix.normalize(output);
        if (!this.owners.has(path)) this.owners.set(path, node);
      }
    }
  }

  /** The names of all nodes that fit. The trie behind it is made when somebody first asks. */
  namesFitting(segments: readonly Segment[], separator: string): string[] {
    this.#names ??= { trie: new NameTrie(separator), news: new MapNews(this.#graph) };
    for (const [name] of this.#names.news.read()) this.#names.trie.add(name);
    return this.#names.trie.fitting(segments);
  }
}
