import type { StringValue } from 'ms';
import { lateRequire } from '../base/late-require.ts';
import { type Problem, UsageError } from './errors.ts';
import type { Place } from './place.ts';

/** A span of time: a number of milliseconds, or text such as `'30s'`, `'5m'`, `'1.5 hours'`. */
export type Duration = number | string;

const ms = lateRequire<(text: StringValue) => number | undefined>('ms');

const longestMs = 365 * 24 * 3600 * 1000;

/**
 * `duration` in milliseconds.
 *
 * @param what What it is for, as shown in the error.
 * @throws UsageError `invalid-option` for anything that is no positive span of at most a year.
 */
export function millisecondsOf(duration: Duration, what: string, place?: Place): number {
  const millis = spanOf(duration);
  if (millis !== undefined) return millis;
  const problem: Problem = {
    code: 'invalid-option',
    text: `${what} is ${JSON.stringify(duration)}, which is no positive span of time.`,
    place,
    hint: "Give milliseconds as a number, or text such as '30s', '5m' or '1h'.",
  };
  throw new UsageError([problem]);
}

/** `duration` in milliseconds; undefined for anything that is no positive span of at most a year. */
export function spanOf(duration: unknown): number | undefined {
  const millis = typeof duration === 'string' ? parsed(duration) : duration;
  if (typeof millis !== 'number' || !Number.isFinite(millis)) return undefined;
  return millis > 0 && millis <= longestMs ? millis : undefined;
}

/**
 * As `millisecondsOf`, but 0 is allowed.
 *
 * @throws UsageError `invalid-option`
 */
export function quietMsOf(duration: Duration, what: string, place?: Place): number {
  return duration === 0 ? 0 : millisecondsOf(duration, what, place);
}

function parsed(text: string): number {
  return /^\s*\d*\.?\d+\s*[a-z]*\s*$/i.test(text)
    ? (ms()(text.trim() as StringValue) ?? Number.NaN)
    : Number.NaN;
}
