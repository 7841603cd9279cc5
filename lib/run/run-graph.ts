import type { Settled } from '../graph/settled.ts';
import type { GraphNode, TaskNode } from '../model/node.ts';

/**
 * The nodes of a run by name. Those of settled tasks are made as they are asked for: whoever goes through all
 * of the graph gets all of them.
 */
export class RunGraph extends Map<string, GraphNode> {
  #settled: Settled | undefined;

  /** Takes in tasks that are up to date, and of which there are no nodes. Nothing may be in it yet. */
  settle(settled: Settled): void {
    this.#settled = settled;
  }

  /** How many tasks there are in it of which no nodes have been made. */
  get unmadeCount(): number {
    return this.#settled?.size ?? 0;
  }

  /** Those nodes that have been made for good. */
  made(): Iterable<GraphNode> {
    return super.values();
  }

  override get size(): number {
    return super.size + this.unmadeCount;
  }

  override has(name: string): boolean {
    return super.has(name) || this.#settled?.has(name) === true;
  }

  override get(name: string): GraphNode | undefined {
    return super.get(name) ?? this.#settled?.nodeOf(name);
  }

  override keys(): MapIterator<string> {
    this.#makeAll();
    return super.keys();
  }

  override values(): MapIterator<GraphNode> {
    this.#makeAll();
    return super.values();
  }

  override entries(): MapIterator<[string, GraphNode]> {
    this.#makeAll();
    return super.entries();
  }

  override forEach(...args: Parameters<Map<string, GraphNode>['forEach']>): void {
    this.#makeAll();
    super.forEach(...args);
  }

  override [Symbol.iterator](): MapIterator<[string, GraphNode]> {
    return this.entries();
  }

  #makeAll(): void {
    const nodes: readonly TaskNode[] = [...(this.#settled?.nodes() ?? [])];
    this.#settled = undefined;
    for (const node of nodes) if (!super.has(node.name)) this.set(node.name, node);
  }
}
