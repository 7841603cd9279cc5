import type { RunCounts } from '../model/run-event.ts';
import type { EndState } from '../model/state.ts';

/** Counts how tasks ended; those that only group others are left out. */
export function tallyOf(
  tasks: Iterable<{ readonly isGroup: boolean; readonly state: EndState }>,
): RunCounts {
  const counts = { ran: 0, upToDate: 0, skipped: 0, failed: 0, dependencyFailed: 0, cancelled: 0 };
  for (const { isGroup, state } of tasks) {
    if (!isGroup) counts[fieldOf[state.kind]]++;
  }
  return counts;
}

const fieldOf = {
  succeeded: 'ran',
  'up-to-date': 'upToDate',
  skipped: 'skipped',
  failed: 'failed',
  'dependency-failed': 'dependencyFailed',
  cancelled: 'cancelled',
} as const;
