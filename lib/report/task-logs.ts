import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import { unreachable } from '../base/unreachable.ts';
import { isIgnored, type LogIgnore } from '../model/log-rule.ts';
import { type EventOfRun, isOfRun, type RunEvent } from '../model/run-event.ts';
import { failureText } from './failure-text.ts';
import type { LogFile, LogFiles } from './log-files.ts';
import { type Findings, LogScan } from './log-scan.ts';

/** What there is to see of the output of a task that has ended. */
export interface TaskLog extends Findings {
  /** The absolute path of the log file, if there is one. */
  readonly path: string | undefined;
  /** All that is not to be ignored, in pieces of whole lines, from the file if there is one. */
  fullText(): Iterable<string>;
}

interface Running {
  readonly rules: readonly LogIgnore[];
  readonly ifSucceeded: LogScan;
  /** The same one if the rules are the same in both cases. */
  readonly ifFailed: LogScan;
  stream: 'stdout' | 'stderr' | undefined;
  isLineOpen: boolean;
}

type Ended = Extract<RunEvent, { event: 'task-ended' }>;

/**
 * Follows what tasks write: into log files, and for what is shown of it. To be given every event
 * before the reporters get it, which may then ask for the log of a task that has ended.
 */
export class TaskLogs {
  readonly #files: LogFiles | undefined;
  readonly #rules = new Map<string, readonly LogIgnore[]>();
  readonly #started = new Set<string>();
  /** Those of them that have written something. */
  readonly #running = new Map<string, Running>();
  #ended: { readonly event: Ended; readonly log: TaskLog } | undefined;

  /** @param files Without them output is only kept as far as it can be shown. */
  constructor(files?: LogFiles) {
    this.#files = files;
  }

  take(event: RunEvent): void {
    if (isOfRun(event)) this.#takeOfRun(event);
    else if (event.event === 'service-output') this.#files?.goOn(event.task, event.text);
  }

  /** Where the log of a running task is, if it has written anything. */
  pathOf(run: number, task: string): string | undefined {
    return this.#files?.fileOf(run, task)?.path;
  }

  /** The log of the task of `event`, which is the newest that was taken. */
  of(event: Ended): TaskLog | undefined {
    return this.#ended?.event === event ? this.#ended.log : undefined;
  }

  /** What a task wrote when it was last executed, perhaps by an earlier build. */
  lastOf(task: string): TaskLog | undefined {
    const path = this.#files?.lastPathOf(task);
    if (path === undefined || !existsSync(path)) return undefined;
    const file = { path, size: statSync(path).size };
    const rules = this.#rules.get(task) ?? [];
    const scan = new LogScan(rules, false);
    for (const text of readPieces(file)) scan.take(text);
    return { ...scan.findings(false), path, fullText: () => linesOf(file, rules, false) };
  }

  #takeOfRun(event: EventOfRun): void {
    switch (event.event) {
      case 'task-wanted':
        if (event.logIgnore !== undefined) this.#rules.set(event.task, event.logIgnore);
        break;
      case 'output':
        this.#write(event.run, event.task, event.stream, event.text);
        break;
      case 'task-retried': {
        const text = `attempt ${event.attempt} failed: ${failureText(event.failure)}\n`;
        this.#note(event.run, event.task, text);
        break;
      }
      case 'task-ended':
        this.#end(event);
        break;
      case 'task-started':
        if (event.isGroup) break;
        this.#started.add(keyOf(event.run, event.task));
        this.#files?.begin(event.run, event.task);
        break;
      case 'task-outdated':
        this.#drop(event.run, event.task);
        break;
      case 'run-ended':
        this.#files?.endRun(event.run);
        break;
      case 'run-started':
        break;
      default:
        unreachable(event);
    }
  }

  #write(run: number, task: string, stream: Running['stream'], text: string): void {
    const running = this.#runningOf(run, task);
    // Where the stream changes in the middle of a line, a new line begins.
    const isBroken = running.isLineOpen && running.stream !== stream;
    const whole = isBroken ? `\n${text}` : text;
    running.stream = stream;
    running.isLineOpen = !whole.endsWith('\n');
    this.#files?.append(run, task, whole);
    running.ifSucceeded.take(whole);
    if (running.ifFailed !== running.ifSucceeded) running.ifFailed.take(whole);
  }

  /** Something that the log says and the task has not written. */
  #note(run: number, task: string, text: string): void {
    const isLineOpen = this.#running.get(keyOf(run, task))?.isLineOpen === true;
    this.#files?.append(run, task, `${isLineOpen ? '\n' : ''}[parproc] ${text}`);
  }

  #end(event: Ended): void {
    const { run, task, state } = event;
    this.#ended = undefined;
    // Of most tasks there is nothing to know.
    if (this.#started.size + this.#running.size === 0) return;
    const key = keyOf(run, task);
    const running = this.#running.get(key);
    // What was never begun leaves the log of the last time as it is.
    if (!this.#started.delete(key) && running === undefined) return;
    const hasFailed = state.kind === 'failed';
    const file = this.#files?.fileOf(run, task);
    if (hasFailed) this.#note(run, task, `failed: ${failureText(state.failure)}\n`);
    const path = this.#files?.fileOf(run, task)?.path;
    this.#running.delete(key);
    this.#files?.end(run, task);
    if (running === undefined) return;
    const findings = (hasFailed ? running.ifFailed : running.ifSucceeded).findings(hasFailed);
    const fullText = (): Iterable<string> =>
      file === undefined ? shownText(findings) : linesOf(file, running.rules, hasFailed);
    this.#ended = { event, log: { ...findings, path, fullText } };
  }

  /** What a task has written does not count, for its inputs have changed meanwhile. */
  #drop(run: number, task: string): void {
    const key = keyOf(run, task);
    this.#started.delete(key);
    this.#running.delete(key);
    this.#files?.drop(run, task);
  }

  #runningOf(run: number, task: string): Running {
    const key = keyOf(run, task);
    const known = this.#running.get(key);
    if (known !== undefined) return known;
    const rules = this.#rules.get(task) ?? [];
    const ifFailed = new LogScan(rules, true);
    const isSame = rules.every((rule) => rule instanceof RegExp || rule.when === 'always');
    const ifSucceeded = isSame ? ifFailed : new LogScan(rules, false);
    const running = { rules, ifSucceeded, ifFailed, stream: undefined, isLineOpen: false };
    this.#running.set(key, running);
    return running;
  }
}

function keyOf(run: number, task: string): string {
  return `${run} ${task}`;
}

/** What is left to be shown where there is no file. */
function* shownText({ whole, excerpts }: Findings): Iterable<string> {
  if (whole !== undefined) yield whole.map((line) => `${line}\n`).join('');
  else for (const { lines } of excerpts) yield lines.map((line) => `${line}\n`).join('');
}

/** The lines of a file that are not to be ignored, many at a time. */
function* linesOf(
  file: LogFile,
  rules: readonly LogIgnore[],
  hasFailed: boolean,
): Iterable<string> {
  let rest = '';
  for (const text of readPieces(file)) {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    const kept = lines.filter((line) => !isIgnored(line, rules, hasFailed));
    if (kept.length > 0) yield `${kept.join('\n')}\n`;
  }
  if (rest !== '' && !isIgnored(rest, rules, hasFailed)) yield rest;
}

function* readPieces({ path, size }: LogFile): Iterable<string> {
  const descriptor = openSync(path, 'r');
  try {
    const decoder = new StringDecoder('utf8');
    const bytes = Buffer.alloc(64 * 1024);
    for (let left = size; left > 0; ) {
      const length = readSync(descriptor, bytes, 0, Math.min(left, bytes.length), null);
      if (length === 0) break;
      left -= length;
      yield decoder.write(bytes.subarray(0, length));
    }
    yield decoder.end();
  } finally {
    closeSync(descriptor);
  }
}
