import type { TaskState } from '../model/state.ts';
import type { Heap, HeapItem } from './heap.ts';
import type { Claim, LockClaim, NodeId } from './lock-table.ts';

/** A node as it is handed to the plan. */
export interface NewNode {
  readonly id: NodeId;
  readonly name: string;
  /** Waves, NO_FAILURES and failures are matters of one run; slots and locks are shared by all. */
  readonly run: number;
  /** Tasks of one definition are of one family: a worker that is warm for one is so for all. */
  readonly family: string;
  readonly deps: readonly NodeId[];
  /** Without repeats of a name. */
  readonly locks: readonly LockClaim[];
  /** Undefined: waves do not concern it (gulp's own tasks, missing deps). */
  readonly wave: number | undefined;
  /** It waits for the rest of its run and starts only if nothing has failed there. */
  readonly noFailures: boolean;
  /** Whether it counts against the limit of tasks that run at the same time. */
  readonly needsSlot: boolean;
  /** How long it took before, in milliseconds; undefined where nothing is known. */
  readonly weightMs: number | undefined;
}

/**
 * How far a node has come: it passes these in order, and goes back when something is added that it
 * has to wait for.
 */
export type Stage = 'deps' | 'wave' | 'no-failures' | 'locks' | 'ready' | 'in-hand' | 'ended';

/** One task of one run, as the scheduler sees it. Changed only by this folder. */
export interface PlanNode extends HeapItem {
  readonly id: NodeId;
  readonly name: string;
  readonly run: Run;
  readonly family: string;
  readonly deps: NodeId[];
  readonly locks: readonly LockClaim[];
  readonly wave: number | undefined;
  readonly noFailures: boolean;
  readonly needsSlot: boolean;
  /** In milliseconds, guessed where nothing is known. */
  readonly weight: number;
  /** Who needs it, as long as it has not ended. */
  dependants: PlanNode[];
  state: TaskState;
  stage: Stage;
  /** Whether it was handed out by `nextMove` and has not ended. */
  inHand: boolean;
  /** Whether it has given its slot back for a while. */
  isParked: boolean;
  /** Parked, and whoever parked it will say when it goes on: a delay, a question to the user. */
  isPaused: boolean;
  /** What it waits for while it is parked. */
  waitsFor: readonly NodeId[];
  /** How many deps have not succeeded yet. */
  unmet: number;
  /** Its places in the queues of its locks, in the stages from `locks` on. */
  claims: readonly Claim[];
  /** How many of its claims are not in yet. */
  missingLocks: number;
  /** Longest remaining path: its own weight and that of what has to come after it. */
  priority: number;
  /** Whether something with NO_FAILURES is among its deps, however indirectly. */
  isAfterNoFailures: boolean;
  /** When it asked for its slot again: a running number. */
  resumeTurn: number;
}

/** What the plan knows of one run. */
export interface Run {
  id: number;
  /** By wave; those without a wave under undefined. Only waves with nodes that have not ended. */
  readonly levels: Map<number | undefined, Level>;
  /** The same waves, lowest first. */
  readonly order: Heap<Level>;
  /** The wave that is open; Infinity where there is none. */
  openWave: number;
  /** Nodes with a wave that have passed the wave's gate and are not in hand. */
  readonly passed: Set<PlanNode>;
  /** NO_FAILURES nodes among them. */
  readonly cautious: Set<PlanNode>;
  /** Whether something has happened that may change what `cautious` nodes may do. */
  isStirred: boolean;
  firstFailure: PlanNode | undefined;
  nodeCount: number;
}

/** The nodes of one wave of one run. */
export interface Level extends HeapItem {
  readonly wave: number;
  readonly unended: Set<PlanNode>;
  /** Deps met; the wave is not open yet. */
  readonly waiting: Set<PlanNode>;
  /** How many of the unended hold up NO_FAILURES nodes. */
  plainCount: number;
}

/** Whether NO_FAILURES nodes wait for it, if nothing else excepts it. */
export function isPlain(node: PlanNode): boolean {
  return !node.noFailures && !node.isAfterNoFailures;
}
