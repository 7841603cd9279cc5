import { performance } from 'node:perf_hooks';
import { partsOfChanged } from './change-pass.ts';
import type { ResultStore } from './result-store.ts';

const index = 'keys';
const dayMs = 86_400_000;
const keptDays = 30;

/**
 * Notes that what stands under `root` is in use, and drops what nobody has used for a month: default
 * keys name a line, which moves, and pipelines go.
 */
export async function noteUse(store: ResultStore, root: string): Promise<void> {
  const days = new Map(await store.get<readonly [string, number][]>(index));
  const today = Math.floor((performance.timeOrigin + performance.now()) / dayMs);
  if (days.get(root) === today) return;
  days.set(root, today);
  for (const [other, day] of [...days]) {
    if (today - day <= keptDays) continue;
    days.delete(other);
    for (const part of partsOf(other, await store.get(other))) await store.delete(part);
    await store.delete(other);
  }
  await store.set(index, [...days]);
}

/** What stands beside a record, by what it says. */
function partsOf(root: string, record: unknown): readonly string[] {
  const { usedIn, files } = (record ?? {}) as { usedIn?: object; files?: object };
  if (usedIn !== undefined) return Object.keys(usedIn);
  return files === undefined ? [] : partsOfChanged(root, Object.keys(files));
}
