import type { Settings } from '../model/options.ts';
import type { Reporter, RunEvent } from '../model/run-event.ts';
import { jsonReporter } from '../report/json-reporter.ts';
import { LogFiles } from '../report/log-files.ts';
import { lookOf } from '../report/look.ts';
import { plainReporter } from '../report/plain-reporter.ts';
import { TaskLogs } from '../report/task-logs.ts';
import { host } from './host.ts';

/** What a person wants to see. */
export interface Views {
  /** Lines for people, one JSON object per event, or nothing. */
  readonly view: 'plain' | 'json' | 'none';
  /** Whether all output is shown, also the last of tasks that are up to date. */
  readonly showsLogs: boolean;
}

/** Joins all that events lead to: logs, and what is shown. */
export function openReporter(
  views: Views,
  settings: Pick<Settings, 'fullLogOnFailure'>,
  workDir: string,
): Reporter {
  const files = new LogFiles({
    workDir,
    stamp: host.stamp,
    onTrouble: (why) =>
      report({ event: 'warning', at: host.now(), code: 'logs-off', text: `No logs: ${why}.` }),
  });
  const logs = new TaskLogs(files);
  const show = viewFor(views, settings, logs);
  const report = (event: RunEvent): void => {
    logs.take(event);
    show(event);
  };
  return report;
}

function viewFor(
  { view, showsLogs }: Views,
  { fullLogOnFailure }: Pick<Settings, 'fullLogOnFailure'>,
  logs: TaskLogs,
): Reporter {
  const { write } = host;
  if (view === 'none') return () => undefined;
  if (view === 'json') return jsonReporter({ write });
  return plainReporter({
    write,
    logs,
    look: lookOf(host.hasColor()),
    command: host.isGulp() ? 'gulp' : undefined,
    timeOfDay: host.timeOfDay,
    showsLogs,
    showsFullLogOnFailure: fullLogOnFailure,
  });
}
