import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { inspect } from 'node:util';
import type { ErrorImage } from '../../lib/model/error-image.ts';
import type { TaskFailure, TaskOutcome } from '../../lib/model/failure.ts';
import type { NestedCall } from '../../lib/model/nested-call.ts';
import { openTaskPool } from '../../lib/pool/open-task-pool.ts';
import type {
  TaskHooks,
  TaskPool,
  TaskRequest,
  TaskTerms,
  WorkerSetup,
} from '../../lib/pool/task-pool.ts';
import { childEntry } from '../../lib/run/child-entry.ts';
import { survivorsOf } from '../rig/survivors.ts';
import { repository, TempProject } from '../rig/temp-project.ts';

const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
/** What build files import: our code as it runs here, compiled or not. */
export const libUrl: string = new URL(`../../lib/index.${extension}`, import.meta.url).href;

/** How a task ended, and what it printed. */
export interface Ran {
  readonly outcome: TaskOutcome;
  readonly stdout: string;
  readonly stderr: string;
}

/** A failure for whatever reason. */
export interface AnyFailure {
  readonly reason: TaskFailure['reason'];
  readonly path?: string;
  readonly files?: readonly string[];
  readonly error?: ErrorImage;
  readonly stderr?: string;
}

/** What a test says of a run. */
export interface RunOptions {
  readonly limitMs?: number;
  readonly softLimitMs?: number;
  readonly isolate?: boolean;
  readonly signal?: AbortSignal;
  readonly onCall?: (call: NestedCall) => Promise<unknown>;
  readonly results?: ReadonlyMap<string, unknown>;
}

/** What a test says of a pool. */
export interface PoolOptions {
  readonly killGraceMs?: number;
  readonly setup?: Partial<WorkerSetup>;
  /** The name of the build file. */
  readonly file?: string;
  /** Further build files by name, imported after it. */
  readonly more?: Readonly<Record<string, string>>;
}

/** A real pool with a build file of its own; when it is disposed of, no process of it may be left. */
export class TestPool {
  readonly pool: TaskPool;
  readonly project: TempProject;
  readonly #token = randomUUID();
  readonly #waiting = new Map<string, () => void>();
  #heard = '';

  /** @param tasks Source of the build file, which has `task` already. */
  constructor(tasks: string, options: PoolOptions = {}) {
    const { file = 'tasks.mjs', more = {}, killGraceMs = 300 } = options;
    const head = file.endsWith('.cjs') ? '' : `import { task } from '${libUrl}';\n`;
    this.project = new TempProject({ [file]: head + tasks, ...more });
    process.env['PARPROC_TEST_TOKEN'] = this.#token;
    this.pool = openTaskPool({
      setup: { ...setupOf(this.project, file, ...Object.keys(more)), ...options.setup },
      childEntry: childEntry(),
      killGraceMs,
    });
  }

  async run(task: string, options: RunOptions = {}): Promise<Ran> {
    const { limitMs, softLimitMs, isolate = false, results = new Map() } = options;
    const { signal = new AbortController().signal, onCall = refuse } = options;
    const printed = { stdout: '', stderr: '' };
    const terms = { limitMs, softLimitMs, isolate, signal };
    const { outcome } = await this.pool.run(requestOf(task, results), terms, {
      onCall,
      onOutput: (stream, text) => {
        printed[stream] += text;
        this.#heard += text;
        for (const [awaited, resolve] of this.#waiting) {
          if (this.#heard.includes(awaited)) resolve();
        }
      },
    });
    return { outcome, ...printed };
  }

  /** What the task returned; the test fails if the task did. */
  async valueOf(task: string, options?: RunOptions): Promise<unknown> {
    const { outcome } = await this.run(task, options);
    assert.equal(outcome.kind, 'succeeded', inspect(outcome, { depth: 9 }));
    return outcome.kind === 'succeeded' ? outcome.value : undefined;
  }

  /** Why the task failed; the test fails if it did not. */
  async failureOf(task: string, options?: RunOptions): Promise<AnyFailure> {
    const { outcome } = await this.run(task, options);
    if (outcome.kind === 'failed') return outcome.failure;
    throw new assert.AssertionError({ message: `not failed: ${inspect(outcome)}` });
  }

  /** Resolves when any task has printed `text`. */
  heard(text: string): Promise<void> {
    if (this.#heard.includes(text)) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.set(text, resolve));
  }

  /** The processes of this pool that are alive, after killed ones have had time to go. */
  survivors(): Promise<string[]> {
    return survivorsOf(this.#token);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.pool.kill();
    this.project[Symbol.dispose]();
    assert.deepEqual(await this.survivors(), []);
  }
}

/** How workers load `files` of a project. */
export function setupOf(project: TempProject, ...files: readonly string[]): WorkerSetup {
  return {
    startDir: repository,
    workDir: project.folder,
    execArgv: process.execArgv.filter((flag) => !flag.startsWith('--test')),
    argv: ['program.mjs'],
    files: files.map((file) => join(project.folder, file)),
    loader: 'inherited',
  };
}

/** A request for a task without arguments. */
export function requestOf(
  task: string,
  results: ReadonlyMap<string, unknown> = new Map(),
): TaskRequest {
  const empty = { rawArgs: {}, params: {}, changedDeps: [], outputs: [] };
  const files = { inputs: [], inputDigests: undefined, inputPatterns: [] };
  return { task, definition: task, results, attempt: 1, ...empty, ...files };
}

/** No limits. */
export const noTerms: TaskTerms = {
  limitMs: undefined,
  softLimitMs: undefined,
  isolate: false,
  signal: new AbortController().signal,
};

/** Nobody listens, nobody answers. */
export const noHooks: TaskHooks = { onOutput: () => undefined, onCall: refuse };

function refuse(call: NestedCall): Promise<never> {
  return Promise.reject(new Error(`Nobody answers '${call.kind}' here.`));
}
