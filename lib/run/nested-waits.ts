import { DefinitionError } from '../model/errors.ts';
import { RunFailed } from '../model/run-result.ts';
import { hasEnded, hasSucceeded } from '../model/state.ts';
import type { NodeId } from '../plan/lock-table.ts';
import { type Change, nodeOf, type Plan } from '../plan/plan.ts';
import type { WaitStep } from '../plan/wait-graph.ts';
import { park, type WaitProblem, waitProblem } from '../plan/waits.ts';

/** What waiting needs of the executor. */
export interface WaitEffects {
  /** Undefined for what was up to date from the start, and so did not even come into the plan. */
  idOf(run: number, name: string): NodeId | undefined;
  resultOf(run: number, name: string): unknown;
  /** Tells what followed from something. */
  tell(changes: readonly Change[]): void;
  /** A task has given its slot back. */
  parked(): void;
  /** Calls `goOn` when the task has a slot again. */
  resume(id: NodeId, goOn: () => void): void;
}

/** One task that waits for others from inside. */
interface Wait {
  readonly waiter: NodeId;
  readonly remaining: Set<NodeId>;
  readonly settle: (error?: Error) => void;
}

/** Tasks that wait for other tasks from inside. Decides nothing: the plan says what cannot end. */
export class NestedWaits {
  readonly #plan: Plan;
  readonly #effects: WaitEffects;
  readonly #byTarget = new Map<NodeId, Set<Wait>>();
  readonly #byWaiter = new Map<NodeId, Set<Wait>>();

  constructor(plan: Plan, effects: WaitEffects) {
    this.#plan = plan;
    this.#effects = effects;
  }

  /**
   * Waits, in the name of a running task, for tasks of its run; it has a slot again when this
   * settles.
   *
   * @returns What they returned.
   * @throws RunFailed (by rejecting) as soon as one of them has not succeeded
   * @throws DefinitionError (by rejecting) `wait-deadlock`
   */
  async wait(
    run: number,
    waiterName: string,
    names: readonly string[],
  ): Promise<Map<string, unknown>> {
    const waiter = this.#effects.idOf(run, waiterName);
    if (waiter === undefined) throw new Error(`Internal error: '${waiterName}' does not run`);
    const targets = names.flatMap((name) => this.#effects.idOf(run, name) ?? []);
    await this.#until(waiter, targets);
    return new Map(names.map((name) => [name, this.#effects.resultOf(run, name)]));
  }

  /** Whether a task waits for others. */
  isWaiting(id: NodeId): boolean {
    return this.#byWaiter.has(id);
  }

  /** A task has ended: whoever waits for it may go on. */
  ended(id: NodeId, isSuccess: boolean): void {
    for (const wait of this.#byTarget.get(id) ?? []) {
      wait.remaining.delete(id);
      if (!isSuccess) this.#end(wait, this.#failureOf(id));
      else if (wait.remaining.size === 0) this.#end(wait);
    }
    this.#byTarget.delete(id);
    for (const wait of this.#byWaiter.get(id) ?? []) this.#end(wait, this.#failureOf(id));
  }

  /** Ends waits that can never end by themselves; returns whether there were any. */
  refuse(waiters: readonly NodeId[]): boolean {
    const [waiter] = waiters;
    const waits = waiter === undefined ? undefined : this.#byWaiter.get(waiter);
    if (waiter === undefined || waits === undefined) return false;
    for (const wait of waits)
      this.#end(wait, deadlock(this.#nameOf(waiter), 'nothing else can go on'));
    return true;
  }

  #until(waiter: NodeId, targets: readonly NodeId[]): Promise<void> {
    const open = targets.filter((id) => !hasEnded(nodeOf(this.#plan, id).state));
    const failed = targets.find((id) => {
      const { state } = nodeOf(this.#plan, id);
      return hasEnded(state) && !hasSucceeded(state);
    });
    if (failed !== undefined) return Promise.reject(this.#failureOf(failed));
    if (open.length === 0) return Promise.resolve();
    const problem = waitProblem(this.#plan, waiter, open);
    if (problem !== undefined) {
      return Promise.reject(deadlock(this.#nameOf(waiter), this.#problemText(problem)));
    }
    const changes = park(this.#plan, waiter, open);
    const waiting = new Promise<void>((resolve, reject) => {
      const wait: Wait = {
        waiter,
        remaining: new Set(open),
        settle: (error) => (error === undefined ? resolve() : reject(error)),
      };
      this.#note(this.#byWaiter, waiter, wait);
      for (const target of open) this.#note(this.#byTarget, target, wait);
    });
    this.#effects.tell(changes);
    this.#effects.parked();
    return waiting;
  }

  #note(table: Map<NodeId, Set<Wait>>, id: NodeId, wait: Wait): void {
    const waits = table.get(id) ?? new Set<Wait>();
    waits.add(wait);
    table.set(id, waits);
  }

  #end(wait: Wait, error?: Error): void {
    const { waiter, remaining, settle } = wait;
    for (const target of remaining) this.#byTarget.get(target)?.delete(wait);
    const others = this.#byWaiter.get(waiter);
    others?.delete(wait);
    if (others?.size === 0) this.#byWaiter.delete(waiter);
    this.#effects.resume(waiter, () => settle(error));
  }

  #failureOf(id: NodeId): RunFailed {
    const { name, state } = nodeOf(this.#plan, id);
    const isCancelled = state.kind === 'cancelled';
    return new RunFailed(isCancelled ? [] : [name], isCancelled);
  }

  #problemText(problem: WaitProblem): string {
    if (problem.kind === 'too-many-parked') {
      return `${problem.limit} tasks wait from inside already, and the option maxParked allows no more`;
    }
    return problem.path.map((step) => this.#stepText(step)).join(', ');
  }

  #stepText({ from, to, because }: WaitStep): string {
    const [a, b] = [this.#nameOf(from), this.#nameOf(to)];
    switch (because) {
      case 'waits':
        return `'${a}' waits for '${b}'`;
      case 'dep':
        return `'${a}' depends on '${b}'`;
      case 'wave':
        return `'${a}' is in a higher wave than '${b}'`;
      case 'no-failures':
        return `'${a}' waits until '${b}' has ended (NO_FAILURES)`;
      default:
        return `'${a}' needs the lock '${because.lock.replace(/^lock /, '')}', which '${b}' has`;
    }
  }

  #nameOf(id: NodeId): string {
    return nodeOf(this.#plan, id).name;
  }
}

function deadlock(waiter: string, why: string): DefinitionError {
  return new DefinitionError([
    {
      code: 'wait-deadlock',
      text: `'${waiter}' waits for what can never end: ${why}.`,
      hint: 'Name what it needs in .deps(), or do not wait for it inside of the task.',
    },
  ]);
}
