import { dependantsIn } from '../graph/dependants.ts';
import type { GraphNode } from '../model/node.ts';
import {
  isService,
  type NodeOf,
  servicesBehind,
  usersOfService,
  waysToServices,
} from './service-ways.ts';

/** What is to be known of a run in which services are needed. */
export interface HoldingRun {
  readonly graph: ReadonlyMap<string, GraphNode>;
  /** Full names that were asked for from outside. */
  readonly asked: ReadonlySet<string>;
  /** Present if it can be taken up again: its services run as long as it exists. */
  readonly lasting?: object;
}

/** What holds ask for and bring about. */
export interface HoldEffects<Run> {
  /** Whether a task of a run has not ended. */
  isOpen(run: Run, name: string): boolean;
  isAlive(name: string): boolean;
  /** Nobody needs the service any more. */
  stop(name: string): void;
  /** From now on the run is not over before the service is gone, or not any more. */
  linger(run: Run, by: 1 | -1): void;
}

/** Somebody who needs a service and is no task. */
const itself = '*';

/**
 * Who needs which service: tasks that have not ended, a watch, or the person who has asked for it
 * by name, until the process is told to end. A service that nobody needs is stopped.
 */
export class ServiceHolds<Run extends HoldingRun> {
  readonly #effects: HoldEffects<Run>;
  /** By service and run, who needs it. */
  readonly #holders = new Map<string, Map<Run, Set<string>>>();
  /** Services that runs wait for. */
  readonly #lingering = new Map<string, Set<Run>>();
  /** Services that were asked for by name: they run for good. */
  readonly #kept = new Set<string>();
  /** By run and service, which tasks have asked from inside for something that needs it. */
  readonly #askers = new Map<Run, Map<string, Set<string>>>();

  constructor(effects: HoldEffects<Run>) {
    this.#effects = effects;
  }

  /** A service of a run is ready, or found to run already. */
  ready(run: Run, name: string): void {
    const holders = this.#usersNow(run, name);
    const runs = this.#holders.get(name) ?? new Map<Run, Set<string>>();
    this.#holders.set(name, runs.set(run, holders));
    if (run.lasting !== undefined) holders.add(itself);
    else if (keptServices(run).has(name)) this.#kept.add(name);
    else this.#linger(run, name);
    this.#look(run, name);
  }

  /** More was asked for in a run, or has come into its graph. */
  grown(run: Run): void {
    const kept = run.lasting === undefined ? keptServices(run) : undefined;
    for (const [name, runs] of this.#holders) {
      const holders = runs.get(run);
      if (holders === undefined) continue;
      for (const user of this.#usersNow(run, name)) holders.add(user);
      if (kept?.has(name) !== true) continue;
      this.#kept.add(name);
      this.#letGo(run, name);
    }
  }

  /** A running task has asked for others from inside: what these need is there until it ends. */
  askedInside(run: Run, asker: string, names: Iterable<string>): void {
    const askers = this.#askers.get(run) ?? new Map<string, Set<string>>();
    this.#askers.set(run, askers);
    for (const name of servicesBehind(names, run.graph)) {
      askers.set(name, (askers.get(name) ?? new Set<string>()).add(asker));
    }
  }

  /** A task of a run has ended; a service has not by being ready. */
  ended(run: Run, name: string): void {
    if (this.#holders.size === 0 || this.#effects.isAlive(name)) return;
    this.#drop(name, run);
  }

  /** Nothing is left of a service that was ready. */
  gone(name: string): void {
    this.#holders.delete(name);
    for (const run of this.#lingering.get(name) ?? []) this.#letGo(run, name);
    this.#drop(name);
  }

  /** A run exists no more. */
  released(run: Run): void {
    this.#askers.delete(run);
    for (const [name, runs] of this.#holders) {
      if (!runs.delete(run)) continue;
      this.#letGo(run, name);
      this.#stopIfFree(name);
    }
  }

  #drop(user: string, only?: Run): void {
    for (const [name, runs] of this.#holders) {
      for (const [run, holders] of runs) {
        if (only !== undefined && only !== run) continue;
        if (holders.delete(user)) this.#look(run, name);
      }
    }
  }

  /** Lets go of a service that nobody of the run needs. */
  #look(run: Run, name: string): void {
    const runs = this.#holders.get(name);
    if (runs?.get(run)?.size !== 0) return;
    // Whom others still need is not waited for.
    if (this.#isNeeded(name)) this.#letGo(run, name);
    this.#stopIfFree(name);
  }

  #stopIfFree(name: string): void {
    if (!this.#isNeeded(name)) this.#effects.stop(name);
  }

  #isNeeded(name: string): boolean {
    if (this.#kept.has(name)) return true;
    return [...(this.#holders.get(name)?.values() ?? [])].some(({ size }) => size > 0);
  }

  #linger(run: Run, name: string): void {
    const runs = this.#lingering.get(name) ?? new Set<Run>();
    if (runs.has(run)) return;
    this.#lingering.set(name, runs.add(run));
    this.#effects.linger(run, 1);
  }

  #letGo(run: Run, name: string): void {
    if (this.#lingering.get(name)?.delete(run) === true) this.#effects.linger(run, -1);
  }

  #usersNow(run: Run, name: string): Set<string> {
    const nodeOf: NodeOf = (each) => run.graph.get(each);
    const users = usersOfService(name, nodeOf, dependantsIn(run.graph));
    const askers = this.#askers.get(run)?.get(name) ?? [];
    const isThere = (user: string): boolean =>
      this.#effects.isOpen(run, user) || (isService(nodeOf(user)) && this.#effects.isAlive(user));
    return new Set([...users, ...askers].filter(isThere));
  }
}

/** Services that run for good, since they were asked for by name or by a group. */
export function keptServices({ graph, asked }: HoldingRun): Set<string> {
  const starts = { users: [], wanted: asked };
  const ways = waysToServices(
    starts,
    (name) => graph.get(name),
    () => true,
  );
  return new Set([...ways].filter((name) => isService(graph.get(name))));
}
