import type { Growth } from '../graph/grow-graph.ts';
import type { GraphNode } from '../model/node.ts';
import { hasEnded, hasSucceeded, type TaskState } from '../model/state.ts';
import { type HoldingRun, keptServices, ServiceHolds } from './service-holds.ts';
import { isService, servicesBehind, waysToServices } from './service-ways.ts';

/** What is to be known of a run. */
export interface ServedRun extends HoldingRun {
  readonly id: number;
  /** Whether any of its tasks is a service. */
  hasServices: boolean;
}

/** What the services of a session ask for and bring about. */
export interface SessionServicesEffects<Run> {
  stateOf(run: Run, name: string): TaskState | undefined;
  isServiceAlive(name: string): boolean;
  /** Services that have died since they were last started. */
  deadServices(): ReadonlySet<string>;
  /** Tells a service to end. */
  stopService(name: string): void;
  /** Resolves when nothing is left of any of these. */
  servicesGone(names: readonly string[]): Promise<void>;
  /** Starts tasks of a run anew that have ended. */
  restart(run: Run, names: readonly string[]): void;
  /** From now on a run is not over before a service is gone, or not any more. */
  linger(run: Run, by: 1 | -1): void;
}

/** What services mean for the runs of a session: who needs them, and which have to start again. */
export class SessionServices<Run extends ServedRun> {
  readonly #effects: SessionServicesEffects<Run>;
  readonly #holds: ServiceHolds<Run>;

  constructor(effects: SessionServicesEffects<Run>) {
    this.#effects = effects;
    this.#holds = new ServiceHolds({
      isOpen: (run, name) => {
        const state = effects.stateOf(run, name);
        return state !== undefined && !hasEnded(state);
      },
      isAlive: (name) => effects.isServiceAlive(name),
      stop: (name) => effects.stopService(name),
      linger: (run, by) => effects.linger(run, by),
    });
  }

  /** The graph of a run has got more tasks; `asker` is the task that has asked for them. */
  growing(run: Run, { added, wanted }: Growth, asker: string | undefined): void {
    run.hasServices ||= added.some(isService);
    if (!run.hasServices) return;
    if (asker !== undefined) this.#holds.askedInside(run, asker, wanted);
    this.#wake(run, added, wanted);
  }

  /** The tasks of a growth are in the run. */
  grown(run: Run): void {
    if (run.hasServices) this.#holds.grown(run);
  }

  /** A task of a run has ended. A service is ready then, unless it was not even started. */
  taskEnded(run: Run, name: string, state: TaskState): void {
    if (!run.hasServices) return;
    if (isService(run.graph.get(name)) && this.#effects.isServiceAlive(name)) {
      if (hasSucceeded(state)) this.#holds.ready(run, name);
      else this.#effects.stopService(name);
    } else this.#holds.ended(run, name);
  }

  /** Nothing is left of a service that was ready. */
  serviceGone(name: string): void {
    this.#holds.gone(name);
  }

  /** A run exists no more. */
  released(run: Run): void {
    this.#holds.released(run);
  }

  /** Resolves when nothing is left of those services of a run that its tasks alone have needed. */
  async gone(run: Run, names: Iterable<string>): Promise<void> {
    if (!run.hasServices) return;
    const kept = run.lasting === undefined ? keptServices(run) : new Set<string>();
    const services = servicesBehind(names, run.graph);
    await this.#effects.servicesGone(services.filter((name) => !kept.has(name)));
  }

  /** What a run needs itself, be it a service or a group with some. */
  neededBy({ asked, graph, lasting }: Run): Iterable<string> {
    return lasting === undefined ? asked : graph.keys();
  }

  /** Services of the run that are needed and were stopped start anew, with groups before them. */
  #wake(run: Run, added: readonly GraphNode[], wanted: readonly string[]): void {
    const hasRun = (name: string): boolean => {
      const state = this.#effects.stateOf(run, name);
      return state !== undefined && hasEnded(state) && hasSucceeded(state);
    };
    const isOut = (name: string): boolean =>
      hasRun(name) &&
      !this.#effects.isServiceAlive(name) &&
      !this.#effects.deadServices().has(name);
    const starts = { users: added.map(({ name }) => name), wanted };
    const ways = waysToServices(starts, (name) => run.graph.get(name), isOut);
    const names = [...ways].filter(hasRun);
    if (names.length > 0) this.#effects.restart(run, names);
  }
}
