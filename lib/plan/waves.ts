import { emptyHeap, firstIn, pushTo, removeFrom } from './heap.ts';
import { isPlain, type Level, type PlanNode, type Run } from './plan-node.ts';

/** A run without nodes. */
export function emptyRun(id: number): Run {
  return {
    id,
    levels: new Map(),
    order: emptyHeap((a: Level, b: Level) => a.wave < b.wave),
    openWave: Number.POSITIVE_INFINITY,
    passed: new Set(),
    cautious: new Set(),
    isStirred: false,
    firstFailure: undefined,
    nodeCount: 0,
  };
}

/** Counts a new node in. */
export function enterWave(node: PlanNode): void {
  const level = levelOf(node.run, node.wave);
  level.unended.add(node);
  if (isPlain(node)) countPlain(node, 1);
}

/** Counts a node out that has ended. */
export function leaveWave(node: PlanNode): void {
  const { run, wave } = node;
  if (isPlain(node)) countPlain(node, -1);
  const level = levelOf(run, wave);
  level.unended.delete(node);
  if (level.unended.size > 0) return;
  run.levels.delete(wave);
  if (wave !== undefined) removeFrom(run.order, level);
}

/** From now on NO_FAILURES nodes do not wait for a node any more (-1), or do (1). */
export function countPlain(node: PlanNode, change: 1 | -1): void {
  const level = levelOf(node.run, node.wave);
  if (level.plainCount === 0) node.run.isStirred = true;
  level.plainCount += change;
  if (level.plainCount === 0) node.run.isStirred = true;
}

/** The lowest wave of a run in which something has not ended; Infinity if there is none. */
export function lowestWave(run: Run): number {
  return firstIn(run.order)?.wave ?? Number.POSITIVE_INFINITY;
}

/** Whether the barrier lets a node pass. */
export function isWaveOpen({ wave, run }: PlanNode): boolean {
  return wave === undefined || wave <= run.openWave;
}

/** The nodes of a wave that have not ended; makes the wave if there is none of them yet. */
export function levelOf(run: Run, wave: number | undefined): Level {
  const known = run.levels.get(wave);
  if (known !== undefined) return known;
  const level: Level = {
    wave: wave ?? Number.NEGATIVE_INFINITY,
    unended: new Set(),
    waiting: new Set(),
    plainCount: 0,
    heapAt: -1,
  };
  run.levels.set(wave, level);
  if (wave !== undefined) pushTo(run.order, level);
  return level;
}
