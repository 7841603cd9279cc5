import type { Problem } from '../model/errors.ts';
import type { Growing, Sprout } from './growing.ts';

/**
 * The wave of every task that is added, by name. Natives and missing deps have none.
 *
 * @param order All names that are added, deps first.
 */
export function wavesOf(growing: Growing, order: readonly string[]): ReadonlyMap<string, number> {
  const waves = new Map<string, number>();
  for (const name of order) {
    const sprout = growing.sprouts.get(name);
    if (sprout?.kind !== 'task') continue;
    const { wave, action } = sprout.definition;
    const isGroup = wave === undefined && action === undefined;
    waves.set(name, isGroup ? highestOf(growing, sprout, waves) : (wave ?? 0));
  }
  return waves;
}

/** Deps in a later wave than what needs them: these would wait for each other for ever. */
export function checkWaves(growing: Growing, waves: ReadonlyMap<string, number>): void {
  for (const sprout of growing.sprouts.values()) {
    for (const dep of sprout.deps) check(growing, sprout.name, dep, waves);
  }
  for (const [target, deps] of growing.injected) {
    for (const dep of deps) check(growing, target, dep, waves);
  }
}

function highestOf(growing: Growing, sprout: Sprout, waves: ReadonlyMap<string, number>): number {
  let highest: number | undefined;
  for (const dep of sprout.deps) {
    const wave = waveOf(growing, dep, waves);
    if (wave !== undefined && wave > (highest ?? Number.NEGATIVE_INFINITY)) highest = wave;
  }
  return highest ?? 0;
}

function waveOf(
  growing: Growing,
  name: string,
  waves: ReadonlyMap<string, number>,
): number | undefined {
  const wave = waves.get(name);
  if (wave !== undefined) return wave;
  const node = growing.graph.get(name);
  return node?.kind === 'task' ? node.wave : undefined;
}

function check(
  growing: Growing,
  name: string,
  dep: string,
  waves: ReadonlyMap<string, number>,
): void {
  const own = waveOf(growing, name, waves);
  const other = waveOf(growing, dep, waves);
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
