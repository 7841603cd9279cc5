import assert from 'node:assert/strict';
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { killCarriers, survivorsOf } from './survivors.ts';
import type { TempProject } from './temp-project.ts';

/** How a gulp run ended. */
export interface GulpResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** What `--json` printed, in order. */
  readonly events: readonly JsonEvent[];
}

/** One line of `--json`. */
export interface JsonEvent {
  readonly event: string;
  readonly task?: string;
  readonly state?: string;
  readonly isGroup?: boolean;
  readonly reasons?: readonly { readonly kind: string; readonly path?: string }[];
  readonly failure?: { readonly reason: string } & Readonly<Record<string, unknown>>;
  readonly [key: string]: unknown;
}

/** Options of a run. */
export interface GulpOptions {
  /** The exit code that is asserted; null for a gulp that a signal has ended. Default: 0. */
  readonly code?: number | null;
  readonly gulpfile?: string;
  /** The program, relative to the project's packages. Default: that of gulp. */
  readonly bin?: string;
  readonly nodeFlags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** After so many milliseconds it hangs, and is ended. Default: a minute. */
  readonly patienceMs?: number;
  /** A program that is given the command as its last arguments and becomes it. */
  readonly within?: readonly string[];
  /**
   * Called with the running gulp, to talk to it or to stop it. `until` resolves when `--json` has
   * printed as many events that fit as `times` says.
   */
  readonly during?: (
    child: ChildProcessWithoutNullStreams,
    until: (fits: (event: JsonEvent) => boolean, times?: number) => Promise<void>,
  ) => void | Promise<void>;
}

/**
 * Runs the real gulp command line in a project and waits for its end; asserts the exit code, and
 * that no process of the run is left.
 */
export async function runGulp(
  project: TempProject,
  args: readonly string[],
  options: GulpOptions = {},
): Promise<GulpResult> {
  const token = randomUUID();
  const bin = realpathSync(join(project.folder, 'node_modules', options.bin ?? 'gulp/bin/gulp.js'));
  const file = options.gulpfile === undefined ? [] : ['-f', options.gulpfile];
  const argv = [...(options.nodeFlags ?? []), bin, ...file, ...args];
  const [program = '', ...words] = [...(options.within ?? []), process.execPath, ...argv];
  const child = spawn(program, words, {
    cwd: project.folder,
    env: { ...process.env, NODE_OPTIONS: '', PARPROC_TEST_TOKEN: token, ...options.env },
    stdio: 'pipe',
  });
  let stdout = '';
  let stderr = '';
  const looks = new Set<() => void>();
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    for (const look of looks) look();
  });
  const until = (fits: (event: JsonEvent) => boolean, times = 1): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        const whole = stdout.slice(0, stdout.lastIndexOf('\n') + 1);
        if (eventsOf(whole).filter(fits).length < times) return;
        looks.delete(look);
        resolve();
      };
      looks.add(look);
      look();
    });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  // What hangs has to end as well.
  const deadline = setTimeout(() => killCarriers(token), options.patienceMs ?? 60_000);
  await Promise.race([options.during?.(child, until), ended]);
  const code = await ended;
  clearTimeout(deadline);
  const shown = `gulp ${args.join(' ')}\n${stdout}\n${stderr}`;
  assert.deepEqual(await survivorsOf(token), [], `left behind by ${shown}`);
  assert.equal(code, options.code === undefined ? 0 : options.code, `exit code of ${shown}`);
  return { code, stdout, stderr, events: eventsOf(stdout) };
}

/** Ends of tasks in order, such as `styles::dev succeeded`; groups left out. */
export function endsOf({ events }: GulpResult): string[] {
  return events
    .filter(({ event, isGroup }) => event === 'task-ended' && isGroup !== true)
    .map(({ task, state }) => `${task} ${state}`);
}

/** Starts and ends of tasks in order. */
export function storyOf({ events }: GulpResult): string[] {
  return events.flatMap(({ event, task, state, isGroup }) => {
    if (isGroup === true) return [];
    if (event === 'task-started') return [`${task} started`];
    return event === 'task-ended' ? [`${task} ${state}`] : [];
  });
}

function eventsOf(stdout: string): JsonEvent[] {
  return stdout
    .split('\n')
    .filter((line) => line.startsWith('{"v":1,'))
    .map((line) => JSON.parse(line) as JsonEvent);
}
