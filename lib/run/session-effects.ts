import type { Catalog } from '../graph/graph.ts';
import type { Growth } from '../graph/grow-graph.ts';
import type { GraphNode, TaskNode } from '../model/node.ts';
import type { Effects } from './effects.ts';

/** The session's effects: those of the executor, and what runs as a whole need. */
export interface SessionEffects extends Effects {
  /** What names can stand for now. */
  catalog(): Catalog;
  /** What a new run for `names` needs, if that has just been worked out. */
  foreseen(names: readonly string[]): Growth | undefined;
  /** Makes tasks known by hand; returns their full names. */
  create(name: string, as: string | undefined): readonly string[];
  /** Asks the person at the terminal. */
  ask(message: string, isSecret: boolean): Promise<string>;
  /** Whether a task runs in this process. */
  isHere(node: TaskNode): boolean;
  /** A run begins: what counts for all tasks is looked at anew. */
  beginRun(): void;
  /** Whether the inputs of a task are still what they were when it was last checked. */
  inputsUnchanged(node: GraphNode): boolean;
  /** What was seen of a task's inputs does not count any more: it comes about again. */
  forgetInputs(name: string): void;
  /** Resolves when what the cache was told is on disk. Never rejects. */
  flush(): Promise<void>;
  /** Tells a service to end. */
  stopService(name: string): void;
  /** Resolves when nothing is left of any of these. */
  servicesGone(names: readonly string[]): Promise<void>;
  /** Tells all services to end. */
  stopServices(): void;
  /** Whether any service runs. */
  hasServices(): boolean;
  /** No run is left. */
  runsOver(): void;
  /** Calls `run` after everything that is due in this turn of the event loop. */
  afterThisTurn(run: () => void): void;
}
