import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { deserialize } from 'node:v8';
import { killCarriers, survivorsOf } from './survivors.ts';
import { TempProject } from './temp-project.ts';

/** Where the tasks of a script run: in workers, or all in the script's own process. */
export type Mode = 'pool' | 'single';

/** Both of them. */
export const modes: readonly Mode[] = ['pool', 'single'];

/** What a script is run with. */
export interface ScriptOptions {
  readonly mode: Mode;
  /** Options beside `mode` and `cache: false`, as source: `parallel: 1`. */
  readonly options?: string;
  /** The exit code that is asserted. Default: 0. */
  readonly code?: number;
  /** What the script reads from its standard input. Default: nothing. */
  readonly input?: string;
  /** Called with the running script; `told` resolves when it has told so many things. */
  readonly during?: (child: ChildProcess, told: (count: number) => Promise<void>) => Promise<void>;
}

/** How a script ended. */
export interface ScriptResult {
  /** What `tell(value)` was called with, in order. */
  readonly told: readonly unknown[];
  /** What `mark(text)` was called with in whatever process, in order. */
  readonly marks: readonly string[];
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a real program that uses parproc as a library, in a project of its own, and waits for its
 * end; asserts the exit code, and that no process of it is left. All public names are imported;
 * beside them there are `mark(text)` for tasks, `tell(value)` for the script, and `errorOf(promise)`.
 */
export async function runScript(program: string, options: ScriptOptions): Promise<ScriptResult> {
  using project = new TempProject({
    'build.mjs': preludeFor(options) + program,
    'marks.txt': '',
  });
  const token = randomUUID();
  const child = spawn(process.execPath, [join(project.folder, 'build.mjs')], {
    cwd: project.folder,
    env: { ...process.env, NODE_OPTIONS: '', PARPROC_TEST_TOKEN: token },
    stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
  });
  child.stdin.on('error', () => undefined).end(options.input ?? '');
  const output = Promise.all([text(child.stdout), text(child.stderr)]);
  const told: unknown[] = [];
  const looks = new Set<() => void>();
  createInterface({ input: child.stdio[3] as Readable }).on('line', (line) => {
    told.push(deserialize(Buffer.from(line, 'base64')));
    for (const look of looks) look();
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  // Nothing in a test takes this long unless it hangs, and then it has to end as well.
  const deadline = setTimeout(() => killCarriers(token), 60_000);
  const untilTold = (count: number): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (told.length >= count) resolve();
      };
      looks.add(look);
      look();
    });
  await Promise.race([options.during?.(child, untilTold), ended]);
  const code = await ended;
  clearTimeout(deadline);
  const [stdout, stderr] = await output;
  const shown = `mode ${options.mode}\n${stdout}\n${stderr}`;
  assert.deepEqual(await survivorsOf(token), [], `left behind by ${shown}`);
  assert.equal(code, options.code ?? 0, `exit code of ${shown}`);
  return { told, marks: project.read('marks.txt').split('\n').slice(0, -1), stdout, stderr };
}

function preludeFor({ mode, options = '' }: ScriptOptions): string {
  return `
import { appendFileSync, writeSync } from 'node:fs';
import { serialize } from 'node:v8';
import {
  clear, configure, create, isWorker, NO_FAILURES, params, results, run, shared, start, states, task, wait,
  waitForAll, watch, watcher, whenScheduled, whenTargetScheduled,
} from 'parproc';
const mark = (text) => appendFileSync('marks.txt', text + '\\n');
// The worker imports this file as well, and its descriptor 3 is something else.
const tell = (value) => isWorker || writeSync(3, serialize(value).toString('base64') + '\\n');
const errorOf = (promise) => promise.then(
  () => 'no error',
  ({ name, code, message, tasks }) => ({ name, code, message, tasks }),
);
configure({ mode: '${mode}', cache: false, ${options} });
`;
}
