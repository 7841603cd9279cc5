import type { Settings } from '../model/options.ts';
import { summaryLine } from '../report/summary-line.ts';
import { host } from './host.ts';

/** Says that so many tasks were up to date, as the reporters would. */
export function tellSettled(count: number, tookMs: number, settings: Settings): void {
  const text = summaryLine({ ...none, upToDate: count }, tookMs, {
    hasColor: host.hasColor(),
    timeOfDay: settings.dynamic && host.isTerminal() ? undefined : host.timeOfDay(),
  });
  if (text !== undefined) host.write(text);
}

const none = { ran: 0, upToDate: 0, skipped: 0, failed: 0, dependencyFailed: 0, cancelled: 0 };
