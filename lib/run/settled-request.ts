import { resolve } from 'node:path';
import type { StoredLook } from '../cache/last-look.ts';
import { stillRecords } from '../cache/still-records.ts';
import type { Catalog } from '../graph/graph.ts';
import type { RecalledGrowth } from '../graph/recalled-growth.ts';
import type { Settled } from '../graph/settled.ts';
import type { Settings } from '../model/options.ts';
import { cacheOptionsOf } from './cache-options.ts';
import { host } from './host.ts';
import { allSettled } from './recalled-look.ts';

/** A request all of whose tasks are up to date. */
export interface SettledRequest {
  readonly settled: Settled;
  /** How many tasks these are, without those that only group others. */
  readonly count: number;
}

/** Looks at the tasks of a request that is recalled; undefined if not all of them are plainly up to date. */
export function settledRequest(
  recalled: RecalledGrowth,
  stored: StoredLook,
  settings: Settings,
  catalog: Catalog,
): SettledRequest | undefined {
  if (typeof settings.cache !== 'string') return undefined;
  const setup = { workDir: host.workDir() };
  const options = cacheOptionsOf({ settings, setup, catalog: () => catalog }, () => undefined);
  const records = stillRecords(resolve(setup.workDir, settings.cache), options);
  const last = records?.looks.of(stored, recalled);
  if (last === undefined) return undefined;
  const settled = allSettled(recalled, last);
  if (settled === undefined || records?.isStill() !== true) return undefined;
  return { settled, count: last.actionCount };
}
