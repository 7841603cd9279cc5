import type { RunCounts } from '../model/run-event.ts';
import { durationText } from './duration-text.ts';
import type { Look } from './look.ts';
import { lookOf } from './look.ts';

type Paint = Look['paint'];

/**
 * The last line of a run, as all reporters for people write it; undefined if there was nothing to do at all.
 *
 * @param look `timeOfDay` is undefined where lines do not begin with it.
 */
export function summaryLine(
  counts: RunCounts,
  tookMs: number,
  look: { readonly hasColor: boolean; readonly timeOfDay: string | undefined },
): string | undefined {
  const { paint } = lookOf(look.hasColor);
  const text = summaryText(counts, tookMs);
  return text && timedLine(paint(summaryStyle(counts), text), look.timeOfDay, paint);
}

/** A line of its own. */
export function timedLine(text: string, timeOfDay: string | undefined, paint: Paint): string {
  return timeOfDay === undefined ? `${text}\n` : `[${paint('gray', timeOfDay)}] ${text}\n`;
}

/** `12 ran, 30 up to date, 0 failed in 4.2 s`; undefined if there was nothing to do at all. */
export function summaryText(counts: RunCounts, tookMs: number): string | undefined {
  const { ran, upToDate, skipped, failed, dependencyFailed, cancelled } = counts;
  if (ran + upToDate + skipped + failed + dependencyFailed + cancelled === 0) return undefined;
  const parts = [`${ran} ran`, `${upToDate} up to date`, `${failed} failed`];
  if (skipped > 0) parts.splice(2, 0, `${skipped} skipped`);
  if (dependencyFailed > 0) parts.push(`${dependencyFailed} not run because of failures`);
  if (cancelled > 0) parts.push(`${cancelled} cancelled`);
  return `${parts.join(', ')} in ${durationText(tookMs)}`;
}

/** The colour of a summary: that of the worst in it. */
export function summaryStyle({
  failed,
  dependencyFailed,
  cancelled,
}: RunCounts): Parameters<Paint>[0] {
  if (failed + dependencyFailed > 0) return 'red';
  return cancelled > 0 ? 'yellow' : 'green';
}
