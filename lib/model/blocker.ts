/** One thing that keeps a task from starting, or from going on. */
export type Blocker =
  | { readonly kind: 'dep'; readonly task: string }
  /** The lowest wave that is not over: `count` tasks of it, some of which are in `tasks`. */
  | {
      readonly kind: 'wave';
      readonly wave: number;
      readonly count: number;
      readonly tasks: readonly string[];
    }
  /** With NO_FAILURES it waits for `count` tasks, some of which are in `tasks`. */
  | { readonly kind: 'no-failures'; readonly count: number; readonly tasks: readonly string[] }
  /** `task` holds the lock, or came for it before. */
  | { readonly kind: 'lock'; readonly lock: string; readonly task: string }
  | { readonly kind: 'slot' }
  /** It has asked for `task` itself, and waits for it. */
  | { readonly kind: 'wait'; readonly task: string }
  /** It waits for something outside: a retry's delay, an answer. */
  | { readonly kind: 'pause' };

/** A task that does not go on, and why. */
export interface Waiting {
  readonly task: string;
  readonly blockers: readonly Blocker[];
}
