import { relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { importLate } from '../base/import-late.ts';
import type {
  DestFolder,
  DestOptions,
  ExecOptions,
  ExecResult,
  Ref,
  Results,
  SrcOptions,
  TaskContext,
  Wantable,
} from '../model/context.ts';
import { asOf, type CreateOptions } from '../model/create-options.ts';
import type { ArgValues, Params } from '../model/definition.ts';
import type { TakeOutput } from '../model/inside-task.ts';
import type { NestedCall } from '../model/nested-call.ts';
import { NoChangeError, TaskFailedError, TaskSkippedError } from '../model/task-ending.ts';
import { namesOf } from '../model/wanted-names.ts';
import type { TaskRequest } from './task-pool.ts';
import { destOf, srcOf, type Writings } from './task-streams.ts';

/** How a running task reaches the build around it. */
export interface TaskLink {
  /** Aborted when the soft limit has passed or the task is cancelled. */
  readonly signal: AbortSignal;
  /** Rejects with what the task is to get as an error. */
  call(call: NestedCall): Promise<unknown>;
  /** Takes what the task writes, if that is not what its process writes. */
  readonly write?: TakeOutput;
}

/** What only the action knows of the files that it has to do with. */
export interface Findings {
  /** Files that it has found out it reads; undefined if it may find out nothing. */
  readonly discovered: Set<string> | undefined;
  readonly written: Writings;
}

/** What the action of a task is given first. */
export function contextOf(
  args: ArgValues,
  params: Params,
  request: TaskRequest,
  link: TaskLink,
  { discovered, written }: Findings,
): TaskContext {
  const results = new ResultTable(request);
  // The task may change it later on.
  const workDir = resolve();
  const wait = async (...names: readonly Wantable[]): Promise<Results> => {
    const found = (await link.call({ kind: 'wait', names: namesOf(names) })) as Map<
      string,
      unknown
    >;
    return results.add(found);
  };
  return Object.freeze({
    name: request.task,
    args,
    params,
    results: results.all,
    result: <Result>(ref: Ref<Result>) => results.of(ref),
    depsChanged: request.changedDeps.length > 0,
    changedDeps: request.changedDeps,
    get inputFingerprint() {
      return fingerprintOf(request);
    },
    inputs: request.inputs,
    outputs: request.outputs,
    attempt: request.attempt,
    get signal() {
      return link.signal;
    },
    skip(reason = '') {
      throw new TaskSkippedError(reason);
    },
    noChange() {
      throw new NoChangeError();
    },
    fail(message: string) {
      throw new TaskFailedError(message);
    },
    discover(...paths: readonly (string | URL)[]) {
      if (discovered === undefined) {
        throw new TypeError(`'${request.task}' is a service: name what it reads in .inputs().`);
      }
      for (const path of paths) discovered.add(discoveredPath(path, workDir));
    },
    src: (options: SrcOptions = {}) => srcOf(request, workDir, options),
    dest: (folder: DestFolder, options: DestOptions = {}) =>
      destOf(folder, workDir, options, written),
    async create(name: string | Ref, options: CreateOptions = {}) {
      const [full = ''] = namesOf([name]);
      const as = asOf(options);
      const call = { kind: 'create', name: full, ...(as !== undefined && { as }) } as const;
      return (await link.call(call)) as readonly string[];
    },
    start: async (...names: readonly Wantable[]) =>
      (await link.call({ kind: 'start', names: namesOf(names) })) as readonly string[],
    run: wait,
    wait,
    async input(message: string, options: { readonly password?: boolean } = {}) {
      const { password = false } = options;
      return (await link.call({ kind: 'input', message, password })) as string;
    },
    exec: (file: string, words: readonly string[] = [], options: ExecOptions = {}) =>
      exec(file, words, options, link),
  });
}

function fingerprintOf({ inputs, inputDigests }: TaskRequest): TaskContext['inputFingerprint'] {
  if (inputDigests === undefined) return undefined;
  const digests = Object.create(null) as Record<string, string>;
  for (const [index, path] of inputs.entries()) {
    const digest = inputDigests[index];
    if (digest !== undefined && digest !== '') digests[path] = digest;
  }
  return Object.freeze(digests);
}

/** Relative to `workDir`, with `/`; a relative one is taken from the current folder, as tools do. */
function discoveredPath(path: string | URL, workDir: string): string {
  const text = String(path);
  const isUrl = path instanceof URL || /^[a-z][a-z\d+.-]+:\/\//i.test(text);
  const isPath = typeof path === 'string' || path instanceof URL;
  if (!isPath || text === '' || (isUrl && !text.startsWith('file:'))) {
    throw new TypeError(`ctx.discover() takes paths and file: URLs, not ${inspect(path)}.`);
  }
  const file = resolve(isUrl ? fileURLToPath(text) : text);
  return relative(workDir, file).split(sep).join('/') || '.';
}

/** Results by name, to which more are added while the task runs. */
class ResultTable {
  readonly all: Results = Object.create(null) as Results;
  readonly #task: string;

  constructor({ task, results }: TaskRequest) {
    this.#task = task;
    this.add(results);
  }

  /** Takes results in; returns those alone. */
  add(found: ReadonlyMap<string, unknown>): Results {
    const added = Object.create(null) as Record<string, unknown>;
    for (const [name, value] of found) {
      added[name] = value;
      Object.defineProperty(this.all, name, { value, enumerable: true, configurable: true });
    }
    return Object.freeze(added);
  }

  of<Result>(ref: Ref<Result>): Result {
    if (Object.hasOwn(this.all, ref.name)) return this.all[ref.name] as Result;
    throw new Error(
      `'${ref.name}' is not among the deps of '${this.#task}', and it has not waited for it.`,
    );
  }
}

/** The program's output is kept and goes to the task's own as it comes. */
async function exec(
  file: string,
  words: readonly string[],
  { cwd, env, input }: ExecOptions,
  { signal: cancelSignal, write }: TaskLink,
): Promise<ExecResult> {
  // What execa knows of frames is its own inside.
  const { stack = '' } = new Error();
  const { execa } = await importLate<typeof import('execa')>('execa');
  const to = write === undefined ? (['pipe', 'inherit'] as const) : ('pipe' as const);
  const running = execa(file, words, {
    preferLocal: true,
    stdout: to,
    stderr: to,
    cancelSignal,
    ...(cwd !== undefined && { cwd }),
    ...(env !== undefined && { env }),
    ...(input === undefined ? { stdin: 'ignore' } : { input }),
  });
  if (write !== undefined) {
    running.stdout?.on('data', (piece: Buffer) => write('stdout', piece));
    running.stderr?.on('data', (piece: Buffer) => write('stderr', piece));
  }
  try {
    const { stdout, stderr } = await running;
    return { stdout: String(stdout), stderr: String(stderr) };
  } catch (error) {
    throw calledAt(stack, brief(error));
  }
}

/** What the program wrote is in the task's output and in fields of the error; the message repeats it. */
function brief(error: unknown): unknown {
  if (!(error instanceof Error) || !('shortMessage' in error)) return error;
  const short = String(error.shortMessage);
  if (error.message.startsWith(short)) error.message = short;
  return error;
}

/** With the frames of the call, so that it can be told where in the user's code it was. */
function calledAt(stack: string, error: unknown): unknown {
  const frames = stack.split('\n').slice(1).join('\n');
  if (error instanceof Error) error.stack = `${error.name}: ${error.message}\n${frames}`;
  return error;
}
