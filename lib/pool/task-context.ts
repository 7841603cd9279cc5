import { relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import type {
  ExecOptions,
  ExecResult,
  Ref,
  Results,
  TaskContext,
  Wantable,
} from '../model/context.ts';
import { asOf, type CreateOptions } from '../model/create-options.ts';
import type { ArgValues, Params } from '../model/definition.ts';
import type { NestedCall } from '../model/nested-call.ts';
import { NoChangeError, TaskFailedError, TaskSkippedError } from '../model/task-ending.ts';
import { namesOf } from '../model/wanted-names.ts';
import type { TaskRequest } from './task-pool.ts';

/** How a running task reaches the build around it. */
export interface TaskLink {
  /** Aborted when the soft limit has passed or the task is cancelled. */
  readonly signal: AbortSignal;
  /** Rejects with what the task is to get as an error. */
  call(call: NestedCall): Promise<unknown>;
}

/** What the action of a task is given first. @param discovered Undefined if it may discover nothing. */
export function contextOf(
  args: ArgValues,
  params: Params,
  request: TaskRequest,
  link: TaskLink,
  discovered: Set<string> | undefined,
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
    signal: link.signal,
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
      exec(file, words, options, link.signal),
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
  cancelSignal: AbortSignal,
): Promise<ExecResult> {
  const { execa } = await import('execa');
  const { stdout, stderr } = await execa(file, words, {
    preferLocal: true,
    stdout: ['pipe', 'inherit'],
    stderr: ['pipe', 'inherit'],
    cancelSignal,
    ...(cwd !== undefined && { cwd }),
    ...(env !== undefined && { env }),
    ...(input === undefined ? { stdin: 'ignore' } : { input }),
  });
  return { stdout: String(stdout), stderr: String(stderr) };
}
