import type { LogRule } from '../model/log-rule.ts';

/** Stands in `.deps()`: see `NO_FAILURES`. */
export interface NoFailures {
  readonly kind: 'no-failures';
}

/**
 * In `.deps()`: the task waits until every other wanted task of its wave or a lower one has ended,
 * and runs only if none of the run has failed (parproc: `NO_FAILURES`, which looks once and does
 * not wait).
 */
export const NO_FAILURES: NoFailures = Object.freeze({ kind: 'no-failures' });

/** A lock that several may hold at a time, as long as nobody holds it alone. */
export interface SharedLock {
  readonly kind: 'shared';
  readonly name: string;
}

/** In `.locks()`: the lock as a reader has it. Placeholders are filled in. */
export function shared(name: string): SharedLock {
  return Object.freeze({ kind: 'shared', name });
}

/** A reverse dep with a condition. */
export interface ConditionalReverseDep {
  readonly kind: 'when-scheduled' | 'when-target-scheduled';
  readonly pattern: string;
}

/**
 * In `.rdeps()`: when the declaring task is wanted, so are the tasks of this pattern, after it
 * (parproc: `WhenScheduled`). Placeholders are filled from the declarer's arguments and defaults.
 */
export function whenScheduled(pattern: string): ConditionalReverseDep {
  return Object.freeze({ kind: 'when-scheduled', pattern });
}

/**
 * In `.rdeps()`: when a task of this pattern is wanted, the declaring task goes before it, and it
 * is an error if that is too late (parproc: `WhenTargetScheduled`).
 */
export function whenTargetScheduled(pattern: string): ConditionalReverseDep {
  return Object.freeze({ kind: 'when-target-scheduled', pattern });
}

/**
 * In `.logIgnore()`: output lines that match are neither shown nor searched for warnings and errors
 * (parproc: `IgnoreLogAlways`).
 */
export function ignoreAlways(pattern: RegExp): LogRule {
  return Object.freeze({ kind: 'log-rule', pattern, when: 'always' });
}

/** In `.logIgnore()`: as `ignoreAlways`, unless the task fails (parproc: `IgnoreLogIfSucceeded`). */
export function ignoreIfSucceeded(pattern: RegExp): LogRule {
  return Object.freeze({ kind: 'log-rule', pattern, when: 'if-succeeded' });
}
