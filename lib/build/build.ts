import { currentParams, forgetDefinitions, sealedDefinitions, settings } from '../dsl/program.ts';
import { UsageError } from '../model/errors.ts';
import type { Settings } from '../model/options.ts';
import type { RunResult, StateName } from '../model/run-result.ts';
import { checkRequest, createInstances } from '../run/check-request.ts';
import { host } from '../run/host.ts';
import type { OpenedSession } from '../run/open-session.ts';
import type { Request } from '../run/session.ts';
import { TaskCatalog } from '../run/task-catalog.ts';
import { workerSetup } from '../run/worker-setup.ts';
import { keepExitCode } from './exit-code.ts';
import { type Front, scriptFront } from './front.ts';

const key = Symbol.for('parproc.build');

/** The build of this process: one, however often this package is loaded. */
export function currentBuild(): Build {
  const holder = globalThis as { [key]?: Build };
  holder[key] ??= new Build();
  return holder[key];
}

/** Joins the definitions and the session that runs them. */
export class Build {
  #front: Front = scriptFront;
  #catalog: TaskCatalog | undefined;
  #opened: Promise<OpenedSession> | undefined;
  /** What the session was opened with. */
  #openedWith: Settings | undefined;

  constructor() {
    keepExitCode();
  }

  /** From now on it is used through `front`. */
  useFront(front: Front): void {
    this.#front = front;
    this.#catalog = undefined;
  }

  /** What names can stand for now. */
  catalog(): TaskCatalog {
    const { separator, allowMissingDeps } = settings();
    const known = this.#catalog;
    if (known?.separator !== separator || known.allowMissingDeps !== allowMissingDeps) {
      this.#catalog = new TaskCatalog({
        separator,
        allowMissingDeps,
        definitions: sealedDefinitions(),
        nativeNames: this.#front.nativeNames,
      });
      for (const [name, instance] of known?.instances ?? []) {
        this.#catalog.addInstance(name, instance);
      }
    }
    const catalog = this.#catalog ?? known;
    if (catalog === undefined) throw new Error('Internal error: no catalog');
    sealedDefinitions();
    catalog.refresh(currentParams());
    return catalog;
  }

  /**
   * Works out what `names` need, and starts nothing.
   *
   * @throws DefinitionError with every problem of the request
   */
  check(names: readonly string[]): void {
    checkRequest(names, this.catalog());
  }

  /**
   * Makes tasks known, and starts nothing.
   *
   * @returns Their full names.
   * @throws DefinitionError, UsageError
   */
  create(name: string, as: string | undefined): readonly string[] {
    return createInstances(name, as, this.catalog());
  }

  /** Has tasks done; see `Session.request`. */
  async request(request: Request): Promise<RunResult> {
    const { session } = await this.#session();
    const now = this.catalog().takeNow();
    let isTaken = false;
    try {
      return await session.request({
        ...request,
        names: [...request.names, ...now],
        onTaken: (run, names) => {
          isTaken = true;
          request.onTaken?.(run, names);
        },
      });
    } finally {
      if (!isTaken) this.catalog().putBackNow(now);
    }
  }

  /** Whether tasks are wanted that nobody has asked for (`.now()`). */
  get hasNow(): boolean {
    return this.catalog().hasNow;
  }

  /** The session, if one has been opened. */
  async session(): Promise<OpenedSession['session'] | undefined> {
    return (await this.#opened)?.session;
  }

  /** Where every task stands that is known by its full name. */
  async states(): Promise<Map<string, StateName>> {
    const { definitions, instances } = this.catalog();
    const states = new Map<string, StateName>();
    for (const { name, pattern } of definitions.values()) {
      if (pattern.placeholders.length === 0) states.set(name, 'idle');
    }
    for (const name of instances.keys()) states.set(name, 'idle');
    const session = await this.session();
    for (const [name, { state }] of session?.standings() ?? []) states.set(name, state.kind);
    return states;
  }

  /**
   * Forgets definitions, instances, params, results and states; options and the cache stay.
   *
   * @throws UsageError (by rejecting) `definition-sealed` while tasks run
   */
  async clear(): Promise<void> {
    const session = await this.session();
    if (session?.isBusy === true) refuse('clear() was called while tasks run');
    await this.#close();
    forgetDefinitions();
    this.#catalog = undefined;
  }

  async #session(): Promise<OpenedSession> {
    const now = this.#settings();
    if (this.#opened !== undefined && this.#openedWith !== undefined && !isSame(now, this.#openedWith)) {
      if ((await this.#opened).session.isBusy) refuse('Options were changed while tasks run');
      await this.#close();
    }
    this.#openedWith = now;
    this.#opened ??= this.#open(now);
    return this.#opened;
  }

  #settings(): Settings {
    const { parallel, failureMode } = this.#front.commandLine();
    const base = settings();
    return {
      ...base,
      parallel: parallel ?? base.parallel,
      failureMode: failureMode ?? base.failureMode,
    };
  }

  async #open(own: Settings): Promise<OpenedSession> {
    const { gulpfile, json, isSilent } = this.#front.commandLine();
    const files = [...sealedDefinitions().values()].map(({ place }) => place.file);
    // Loaded only now: listing tasks needs none of it.
    const { openSession } = await import('../run/open-session.ts');
    return openSession({
      settings: own,
      setup: workerSetup(gulpfile, [...new Set(files)]),
      view: json ? 'json' : isSilent ? 'none' : 'plain',
      catalog: () => this.catalog(),
      create: (name, as) => this.create(name, as),
      runNative: (name, run) => this.#front.runNative(name, run),
    });
  }

  async #close(): Promise<void> {
    const opened = this.#opened;
    this.#opened = undefined;
    this.#openedWith = undefined;
    await (await opened)?.close();
  }
}

function isSame(a: Settings, b: Settings): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function refuse(what: string): never {
  throw new UsageError([
    {
      code: 'definition-sealed',
      text: `${what}.`,
      hint: 'Wait for them first: await waitForAll().',
    },
  ]);
}
