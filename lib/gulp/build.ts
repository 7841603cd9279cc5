import { isWorkerProcess, sealedDefinitions, settings } from '../dsl/program.ts';
import { imageOf } from '../model/error-image.ts';
import type { TaskOutcome } from '../model/failure.ts';
import type { Settings } from '../model/options.ts';
import { type Catalog, checkRequest } from '../run/check-request.ts';
import { host } from '../run/host.ts';
import type { Session } from '../run/open-session.ts';
import { workerSetup } from '../run/worker-setup.ts';
import { type CommandLine, readCommandLine } from './command-line.ts';
import { keepExitCode } from './exit-code.ts';
import type { GulpCallable, Taker } from './gulp-types.ts';
import { type GulpRoot, Roots } from './roots.ts';

const key = Symbol.for('parproc.build');

/** The build of this process: one, however often this package is loaded. */
export function currentBuild(): Build {
  const holder = globalThis as { [key]?: Build };
  holder[key] ??= new Build();
  return holder[key];
}

/** Joins gulp, the definitions and the session that runs them. */
export class Build {
  /** gulp's own tasks. */
  readonly natives: Map<string, GulpCallable> = new Map();
  readonly #functions = new Map<string, GulpCallable>();
  readonly #roots: Roots;
  readonly #rootOfRun = new Map<number, GulpRoot>();
  #session: Promise<Session> | undefined;
  #taker: Taker | undefined;

  constructor() {
    this.#roots = new Roots((root) => {
      void this.#session?.then((session) => session.rootMayHaveEnded(root));
    });
    keepExitCode();
  }

  /** Takes the gulp instance that the registry was installed on. */
  join(taker: Taker): void {
    if (this.#taker === taker) return;
    this.#taker = taker;
    if (!isWorkerProcess()) this.#roots.follow(taker);
  }

  /** What gulp calls to have a task of ours done; the same function for the same name. */
  functionFor(name: string): GulpCallable {
    const known = this.#functions.get(name);
    if (known !== undefined) return known;
    const fn: GulpCallable = (done) => {
      if (!isWorkerProcess()) this.#want(name).then(() => done(), done);
    };
    // Not `displayName`: an export is to be known by the name under which it was exported.
    Object.defineProperty(fn, 'name', { value: name });
    this.#functions.set(name, fn);
    return fn;
  }

  /** Whether `fn` is one of ours, also as gulp has wrapped it. */
  owns(fn: GulpCallable): boolean {
    const inner = fn.unwrap?.() ?? fn;
    return this.#functions.get(inner.name) === inner;
  }

  /** What names can stand for now. */
  catalog(): Catalog {
    const definitions = sealedDefinitions();
    const { separator } = settings();
    return { separator, definitions, nativeNames: new Set(this.natives.keys()) };
  }

  /**
   * Checks all names that gulp-cli is about to run, before it runs the first.
   *
   * @throws UsageError, DefinitionError
   */
  checkCommandLine(isOurs: (name: string) => boolean): void {
    const { tasks } = this.#commandLine();
    this.#roots.expect(tasks);
    checkRequest(tasks.filter(isOurs), this.catalog());
  }

  #commandLine(): CommandLine {
    return readCommandLine(host.argv().slice(2), host.env, settings().flags);
  }

  async #want(name: string): Promise<void> {
    const root = this.#roots.current();
    const isInside = root.isAround(name);
    this.#session ??= this.#open();
    const session = await this.#session;
    const { full } = this.#commandLine();
    const request = { names: [name], root, isInside, full };
    return session.request(request, this.catalog(), (run) => this.#rootOfRun.set(run, root));
  }

  async #open(): Promise<Session> {
    const { gulpfile, json, isSilent, parallel } = this.#commandLine();
    const base = settings();
    const own: Settings = { ...base, parallel: parallel ?? base.parallel };
    const files = [...sealedDefinitions().values()].map(({ place }) => place.file);
    // Loaded only now: listing tasks needs none of it.
    const { openSession } = await import('../run/open-session.ts');
    return openSession({
      settings: own,
      setup: workerSetup(gulpfile, [...new Set(files)]),
      view: json ? 'json' : isSilent ? 'none' : 'plain',
      runNative: (name, run) => this.#runNative(name, run),
    });
  }

  #runNative(name: string, run: number): Promise<TaskOutcome> {
    const root = this.#rootOfRun.get(run);
    if (root !== undefined) this.#roots.enter(root);
    return new Promise((resolve) => {
      const native = this.natives.get(name);
      if (native === undefined || this.#taker === undefined) {
        throw new Error(`Internal error: gulp has no task '${name}'`);
      }
      this.#taker.series(native)((error: unknown) => {
        const [first = error] = Array.isArray(error) ? (error as unknown[]) : [];
        resolve(
          first === undefined || first === null
            ? { kind: 'succeeded', value: undefined }
            : { kind: 'failed', failure: { reason: 'threw', error: imageOf(first) } },
        );
      });
    });
  }
}
