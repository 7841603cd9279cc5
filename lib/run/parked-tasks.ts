import { hasEnded } from '../model/state.ts';
import type { NodeId } from '../plan/lock-table.ts';
import { type Change, nodeOf, type Plan } from '../plan/plan.ts';
import { park, wantResume } from '../plan/waits.ts';

/** What parked tasks need of the executor. */
export interface ParkingEffects {
  /** Tells what followed from something. */
  tell(changes: readonly Change[]): void;
  /** Lets start and go on what can. */
  pump(): void;
  /** Whether a task waits for others from inside. */
  isWaiting(id: NodeId): boolean;
}

/** Tasks that run and have given their slots back, and what goes on when they have one again. */
export class ParkedTasks {
  readonly #plan: Plan;
  readonly #effects: ParkingEffects;
  readonly #resumes = new Map<NodeId, () => void>();

  constructor(plan: Plan, effects: ParkingEffects) {
    this.#plan = plan;
    this.#effects = effects;
  }

  /** Gives the slot back until `begin` calls what it is given; resolves with a slot again. */
  pause(id: NodeId, begin: (goOn: () => void) => void): Promise<void> {
    this.#effects.tell(park(this.#plan, id, []));
    return new Promise((resolve) => {
      begin(() => this.resume(id, resolve));
      this.#effects.pump();
    });
  }

  /** Calls `goOn` when the task has a slot again. */
  resume(id: NodeId, goOn: () => void): void {
    const { state, isParked } = nodeOf(this.#plan, id);
    // What still waits for something needs no slot to hear of something else.
    if (hasEnded(state) || !isParked || this.#effects.isWaiting(id)) {
      goOn();
      return;
    }
    const before = this.#resumes.get(id);
    this.#resumes.set(id, () => {
      before?.();
      goOn();
    });
    if (before === undefined) wantResume(this.#plan, id);
    this.#effects.pump();
  }

  /** The plan has given a task a slot again. */
  goOn(id: NodeId): void {
    const goOn = this.#resumes.get(id);
    this.#resumes.delete(id);
    goOn?.();
  }
}
