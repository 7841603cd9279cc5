import type { Executor } from './executor.ts';
import { LastingRun, type RenewalTerms } from './lasting-run.ts';
import type { LastingRequest, Root } from './request.ts';
import type { Lasting, Run } from './run.ts';
import type { RunGrowth } from './run-growth.ts';
import type { Runs } from './runs.ts';
import type { SessionEffects } from './session-effects.ts';
import type { SessionServices } from './session-services.ts';

/** What lasting runs are made with. */
export interface LastingParts {
  readonly runs: Runs;
  readonly growth: RunGrowth;
  readonly executor: Executor;
  readonly services: SessionServices<Run>;
  readonly effects: Pick<SessionEffects, 'deadServices' | 'forgetInputs'>;
}

/** What a lasting run hangs from: it is over as soon as its tasks are. */
const noRoot: Root = { isInProgress: () => false };

/**
 * Has tasks done in a run of their own that can be taken up again.
 *
 * @throws DefinitionError with every problem of the request; nothing has started then
 */
export function openLastingRun(request: LastingRequest, parts: LastingParts): LastingRun {
  const { runs, growth, executor, effects } = parts;
  const { names, full, onOver, onTaken } = request;
  const lasting: Lasting = { members: new Set(), left: new Set(), askers: new Map(), onOver };
  const grown = growth.begin(names, full, lasting);
  const { run } = grown;
  const { wanted } = grown.growth;
  onTaken?.(run.id, wanted);
  for (const name of wanted) run.asked.add(name);
  run.roots.add(noRoot);
  growth.take(grown);
  runs.rootMayHaveEnded(noRoot);
  const deadServices = (): string[] =>
    [...effects.deadServices()].filter((name) => run.graph.has(name));
  return new LastingRun(run.graph, {
    stateOf: (name) => executor.stateOf(run.id, name),
    askersOf: (name) => lasting.askers.get(name) ?? [],
    renew: (again, terms) => renew(run, again, terms, parts),
    left: () => [...lasting.left, ...deadServices()],
    end: () => forget(run, parts),
  });
}

function renew(
  run: Run,
  names: readonly string[],
  { full, interrupt }: RenewalTerms,
  { runs, executor, effects }: LastingParts,
): void {
  if (runs.find(run.id) === undefined) {
    const before = run.id;
    runs.renumber(run);
    executor.renumber(before, run.id);
    runs.open(run);
  }
  for (const name of names) {
    run.lasting?.members.add(name);
    run.lasting?.left.delete(name);
    effects.forgetInputs(name);
  }
  run.pending += names.length;
  // Some may end at once, which counts by itself.
  const discardedCount = executor.renew({ run: run.id, full, names, interrupt });
  run.pending -= discardedCount;
  runs.mayBeOver(run);
}

/** Resolves when nothing is left of its services either. */
async function forget(run: Run, { executor, services }: LastingParts): Promise<void> {
  executor.forget(run.id);
  services.released(run);
  await services.gone(run, run.graph.keys());
}
