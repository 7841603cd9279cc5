import type { Retries } from '../model/definition.ts';
import { type Duration, millisecondsOf } from '../model/duration.ts';
import type { Draft } from './draft.ts';

/** How `.retries()` waits between attempts. */
export interface RetryOptions {
  /** Before the second attempt. Default: none. */
  readonly delay?: Duration;
  /** Each further delay is so many times the one before. Default: 1. */
  readonly backoff?: number;
}

/** @throws DefinitionError, UsageError `invalid-option` */
export function retriesOf(count: number, options: RetryOptions, draft: Draft): Retries {
  draft.requireObject('retries', options, '2, { delay: 100 }');
  const stray = Object.keys(options).find((name) => name !== 'delay' && name !== 'backoff');
  const { delay = 0, backoff = 1 } = options;
  const what = `.retries() of '${draft.name}'`;
  if (stray !== undefined) {
    draft.fail(
      'invalid-option',
      `${what} knows no option '${stray}'.`,
      'It has delay and backoff.',
    );
  }
  if (!Number.isSafeInteger(count) || count < 0) {
    draft.fail(
      'invalid-option',
      `${what} is given ${String(count)}.`,
      'Give a whole number from 0 on.',
    );
  }
  if (!Number.isFinite(backoff) || backoff < 1) {
    draft.fail(
      'invalid-option',
      `The backoff in ${what} is ${String(backoff)}.`,
      'Give a number from 1 on.',
    );
  }
  const delayMs = delay === 0 ? 0 : millisecondsOf(delay, `The delay in ${what}`, draft.site.place);
  return { count, delayMs, backoff };
}
