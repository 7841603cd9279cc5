import type { Problem } from '../model/errors.ts';
import type { Growing } from './growing.ts';
import type { Sprout, TaskSprout } from './sprout.ts';

/**
 * Gives every task that is added its wave. Natives and missing deps have none.
 *
 * @param order Those that are added, deps first.
 */
export function setWaves(growing: Growing, order: Iterable<Sprout>): void {
  for (const sprout of order) {
    if (sprout.kind !== 'task') continue;
    const { wave, action } = sprout.definition;
    const isGroup = wave === undefined && action === undefined;
    sprout.wave = isGroup ? highestOf(growing, sprout) : (wave ?? 0);
  }
}

/** Deps in a later wave than what needs them: these would wait for each other for ever. */
export function checkWaves(growing: Growing): void {
  if (growing.graph.size === 0 && hasOneWave(growing.sprouts.values())) return;
  for (const sprout of growing.sprouts.values()) {
    for (const dep of sprout.deps) check(growing, sprout.name, dep);
  }
  for (const [target, deps] of growing.injected) {
    for (const dep of deps) check(growing, target, dep);
  }
}

/** Whether all that is added is in the lowest wave, as in most builds. */
function hasOneWave(sprouts: Iterable<Sprout>): boolean {
  for (const sprout of sprouts) if (sprout.kind === 'task' && sprout.wave !== 0) return false;
  return true;
}

function highestOf(growing: Growing, sprout: TaskSprout): number {
  let highest: number | undefined;
  for (const dep of sprout.deps) {
    const wave = waveOf(growing, dep);
    if (wave !== undefined && (highest === undefined || wave > highest)) highest = wave;
  }
  return highest ?? 0;
}

function waveOf({ sprouts, graph }: Growing, name: string): number | undefined {
  const node = sprouts.get(name) ?? graph.get(name);
  return node?.kind === 'task' ? node.wave : undefined;
}

function check(growing: Growing, name: string, dep: string): void {
  const own = waveOf(growing, name);
  const other = waveOf(growing, dep);
  if (own === undefined || other === undefined || other <= own) return;
  const task = growing.sprouts.get(name) ?? growing.graph.get(name);
  const problem: Problem = {
    code: 'wave-inversion',
    text: `'${name}' (wave ${own}) cannot depend on '${dep}' (wave ${other}): deps must have an equal or lower wave, to avoid deadlock.`,
    place: task?.kind === 'task' ? task.definition.place : undefined,
    hint: `Give '${name}' .wave(${other}) or more, or '${dep}' .wave(${own}) or less.`,
  };
  growing.problems.push(problem);
}
