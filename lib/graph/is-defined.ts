import type { Catalog } from './graph.ts';

/** Whether a task of this name is known, or fits a proto; its arguments are not looked at. */
export function isDefined(name: string, catalog: Catalog): boolean {
  if (catalog.definitions.has(name) || catalog.instances.has(name)) return true;
  for (const _ of catalog.index.matches(name)) return true;
  return false;
}
