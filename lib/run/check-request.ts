import type { Catalog } from '../graph/graph.ts';
import { growGraph } from '../graph/grow-graph.ts';

export type { Catalog } from '../graph/graph.ts';

/**
 * Works out what `names` need, and starts nothing.
 *
 * @throws DefinitionError with every problem of the request
 */
export function checkRequest(names: readonly string[], catalog: Catalog): void {
  growGraph(new Map(), names, catalog);
}
