import { randomUUID } from 'node:crypto';
import { pathToFileURL } from 'node:url';
import { importLate } from '../base/import-late.ts';
import type { Waiting } from '../model/blocker.ts';
import type { Settings } from '../model/options.ts';
import type { Reporter, RunEvent } from '../model/run-event.ts';
import { githubMarks } from '../report/github-marks.ts';
import { githubReporter } from '../report/github-reporter.ts';
import { jsonReporter } from '../report/json-reporter.ts';
import { type LiveView, liveReporter } from '../report/live-reporter.ts';
import { LogFiles } from '../report/log-files.ts';
import { type Look, lookOf } from '../report/look.ts';
import { plainReporter } from '../report/plain-reporter.ts';
import { TaskLogs } from '../report/task-logs.ts';
import { host } from './host.ts';
import type { Pictures } from './load-pictures.ts';

/** What a person wants to see. */
export interface Views {
  /** Text for people, one JSON object per event, or nothing. */
  readonly view: 'text' | 'json' | 'none';
  /** Whether all output is shown, also the last of tasks that are up to date. */
  readonly showsLogs: boolean;
  /** Whether all reasons are told, and which tasks are up to date. */
  readonly explain: boolean;
  /** Undefined if no pictures are asked for. */
  readonly pictures: Pictures | undefined;
}

/** What reporters are made with. */
export interface ReporterParts {
  readonly views: Views;
  readonly settings: Pick<Settings, 'fullLogOnFailure' | 'dynamic' | 'parallel'>;
  readonly workDir: string;
  /** Up to `limit` tasks that do not go on, and why. */
  readonly waiting: (limit: number) => readonly Waiting[];
}

/** All that events lead to. */
export interface OpenedReporter {
  readonly report: Reporter;
  /** So many tasks are up to date, of which there are no events. */
  readonly skip: (count: number) => void;
  /** Has `act` use the terminal: nothing is shown meanwhile. */
  withTerminal<T>(act: () => Promise<T>): Promise<T>;
}

/** Joins all that events lead to: logs, and what is shown. */
export function openReporter(parts: ReporterParts): OpenedReporter {
  const files = new LogFiles({
    workDir: parts.workDir,
    stamp: host.stamp,
    onTrouble: (why) =>
      report({ event: 'warning', at: host.now(), code: 'logs-off', text: `No logs: ${why}.` }),
  });
  const logs = new TaskLogs(files);
  const view = viewFor(parts, logs);
  const draw = parts.views.pictures?.({
    startDir: host.startDir(),
    workDir: parts.workDir,
    slotCount: parts.settings.parallel,
    dateText: host.dateText,
    logOf: (event) => logs.of(event),
    onTrouble: (text) =>
      report({ event: 'warning', at: host.now(), code: 'view-not-written', text }),
  });
  const report = (event: RunEvent): void => {
    logs.take(event);
    view.report(event);
    draw?.(event);
  };
  return {
    report,
    skip: (count) => view.skip(count),
    async withTerminal(act) {
      view.pause();
      try {
        return await act();
      } finally {
        view.resume();
      }
    },
  };
}

function viewFor(parts: ReporterParts, logs: TaskLogs): LiveView {
  const { views, settings } = parts;
  const { write } = host;
  if (views.view === 'none') return still(() => undefined);
  if (views.view === 'json') return still(jsonReporter({ write }));
  const isLive = settings.dynamic && host.isTerminal() && host.env('GITHUB_ACTIONS') !== 'true';
  const options = {
    logs,
    look: isLive ? liveLook() : lookOf(host.hasColor()),
    command: host.isGulp() ? 'gulp' : undefined,
    showsLogs: views.showsLogs,
    explain: views.explain,
    showsFullLogOnFailure: settings.fullLogOnFailure,
  };
  const plain = { ...options, write, timeOfDay: host.timeOfDay };
  if (host.env('GITHUB_ACTIONS') === 'true') {
    const workspace = host.env('GITHUB_WORKSPACE') ?? parts.workDir;
    return still(githubReporter(plain, githubMarks(workspace, randomUUID)));
  }
  if (!isLive) return still(plainReporter(plain));
  const { waiting } = parts;
  return liveReporter({ ...options, waiting, slotCount: settings.parallel, terminal: host });
}

/** Something that does not change what it has shown. */
function still(report: Reporter): LiveView {
  const nothing = (): void => undefined;
  return { report, skip: nothing, pause: nothing, resume: nothing, close: nothing };
}

/** With links to logs, once it is known that the terminal follows them. */
function liveLook(): Look {
  let hasLinks = false;
  const supporting = importLate<typeof import('supports-hyperlinks')>('supports-hyperlinks');
  void supporting.then(({ default: supports }) => {
    hasLinks = supports.stdout;
  });
  const plain = lookOf(host.hasColor());
  const linked = lookOf(host.hasColor(), (path) => pathToFileURL(path).href);
  return { ...plain, link: (text, path) => (hasLinks ? linked : plain).link(text, path) };
}
