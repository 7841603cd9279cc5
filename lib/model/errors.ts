import { inspect } from 'node:util';
import { type Place, placeText } from './place.ts';

/** What can be wrong in a build file or a request. These codes are API. */
export type ErrorCode =
  | 'ambiguous-proto'
  | 'argument-invalid'
  | 'argument-not-a-choice'
  | 'definition-conflict'
  | 'definition-sealed'
  | 'dependency-cycle'
  | 'duplicate-task'
  | 'flag-swallows-task'
  | 'glob-without-choices'
  | 'invalid-name'
  | 'invalid-option'
  | 'invalid-pattern'
  | 'late-reverse-dep'
  | 'missing-argument'
  | 'missing-dep-edge'
  | 'no-match'
  | 'not-in-task'
  | 'overlapping-outputs'
  | 'unknown-task'
  | 'wait-deadlock'
  | 'wave-inversion';

/** What a user-facing error is made of. */
export interface Problem {
  readonly code: ErrorCode;
  /** One sentence: what is wrong. */
  readonly text: string;
  readonly place?: Place | undefined;
  /** One sentence: what to do about it. */
  readonly hint?: string | undefined;
}

const raisedKey = Symbol.for('parproc.userErrors');
const holder = globalThis as { [raisedKey]?: { count: number; counted: WeakSet<Error> } };

/** An error that was given to a task is the task's own: it does not count any more. */
export function disownUserError(error: unknown): void {
  const raised = holder[raisedKey];
  if (error instanceof Error && raised?.counted.delete(error) === true) raised.count -= 1;
}

/** How many errors of the user's were raised in this process: whoever sets exit codes asks. */
export function userErrorCount(): number {
  return holder[raisedKey]?.count ?? 0;
}

abstract class UserError extends Error {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(problems.map(problemText).join('\n'));
    this.problems = problems;
    holder[raisedKey] ??= { count: 0, counted: new WeakSet() };
    holder[raisedKey].count += 1;
    holder[raisedKey].counted.add(this);
    // The place in the user's file says more than our own frames; gulp prints `stack` if it may.
    this.stack = this.message;
    // Node shows the members of an error that nobody has caught.
    Object.defineProperty(this, 'problems', { enumerable: false });
    Object.defineProperty(this, 'name', { value: new.target.name, configurable: true });
    Object.defineProperty(this, 'showStack', { value: false });
    Object.defineProperty(this, inspect.custom, { value: () => this.message });
  }

  /** The code of the first problem. */
  get code(): ErrorCode {
    const [first] = this.problems;
    if (first === undefined) throw new Error('Internal error: an error without a problem');
    return first.code;
  }

  override toString(): string {
    return this.message;
  }
}

/**
 * The user's build file is wrong: thrown before anything runs, shown without a stack, exit code 2.
 * All the problems of one request come in one error, in `problems`.
 */
export class DefinitionError extends UserError {}

/** A command line or an option is wrong: thrown before anything runs, exit code 2. */
export class UsageError extends UserError {}

/** Whether `error` is one of ours; by name, since this module may be loaded twice in a process. */
export function isUserError(error: unknown): error is DefinitionError | UsageError {
  return (
    error instanceof Error && (error.name === 'DefinitionError' || error.name === 'UsageError')
  );
}

/** The block that a person sees: place and code, then what is wrong, then what to do. */
export function problemText(problem: Problem): string {
  const head = problem.place === undefined ? '' : `${placeText(problem.place)}  `;
  const lines = [`${head}${problem.code}`, `  ${problem.text}`];
  if (problem.hint !== undefined) lines.push(`  ${problem.hint}`);
  return lines.join('\n');
}
