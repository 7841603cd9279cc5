import { disownUserError } from '../model/errors.ts';
import type { NestedCall } from '../model/nested-call.ts';
import { successOf } from '../model/state.ts';
import type { Executor } from './executor.ts';
import type { RunGrowth } from './run-growth.ts';
import type { Runs } from './runs.ts';
import type { SessionEffects } from './session-effects.ts';

/** Who does what running tasks ask for. */
export interface InsideParts {
  readonly runs: Runs;
  readonly growth: RunGrowth;
  readonly executor: Executor;
  readonly effects: Pick<SessionEffects, 'create' | 'ask'>;
}

/**
 * Does what a running task asks the build for: other tasks of its run, new tasks, an answer of the
 * person at the terminal.
 *
 * @param id The run of the task `asker`.
 * @returns What the task is to get; rejects with what is to be thrown in it.
 */
export async function answerInside(
  id: number,
  asker: string,
  call: NestedCall,
  parts: InsideParts,
): Promise<unknown> {
  try {
    return await answerOf(id, asker, call, parts);
  } catch (error) {
    disownUserError(error);
    throw error;
  }
}

async function answerOf(
  id: number,
  asker: string,
  call: NestedCall,
  { runs, growth, executor, effects }: InsideParts,
): Promise<unknown> {
  if (call.kind === 'create') return effects.create(call.name, call.as);
  if (call.kind === 'input') return effects.ask(call.message, call.password);
  const run = runs.find(id);
  if (run === undefined) throw new Error(`Internal error: no run ${id}`);
  const grown = { run, growth: growth.grow(run, call.names) };
  const { wanted } = grown.growth;
  if (run.lasting !== undefined) noteAsker(run.lasting.askers, asker, wanted);
  if (call.kind === 'wait') {
    for (const name of wanted) run.unawaited.delete(name);
    growth.take(grown, asker);
    return executor.waits.wait(id, asker, wanted);
  }
  for (const name of wanted) run.unawaited.add(name);
  run.requests.follow(wanted.filter((name) => successOf(executor.stateOf(id, name)) === undefined));
  growth.take(grown, asker);
  return wanted;
}

function noteAsker(
  askers: Map<string, Set<string>>,
  asker: string,
  names: readonly string[],
): void {
  for (const name of names) {
    const known = askers.get(name) ?? new Set<string>();
    askers.set(name, known.add(asker));
  }
}
