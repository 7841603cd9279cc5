import { currentParams, forgetDefinitions, sealedDefinitions, settings } from '../dsl/program.ts';
import { UsageError } from '../model/errors.ts';
import type { Settings } from '../model/options.ts';
import type { RunResult, StateName } from '../model/run-result.ts';
import { checkRequest, createInstances } from '../run/check-request.ts';
import { host } from '../run/host.ts';
import { loadPictures } from '../run/load-pictures.ts';
import type { OpenedSession } from '../run/open-session.ts';
import type { Request } from '../run/session.ts';
import { TaskCatalog } from '../run/task-catalog.ts';
import { workerSetup } from '../run/worker-setup.ts';
import { keepExitCode } from './exit-code.ts';
import { type Front, scriptFront } from './front.ts';

/** A request as it comes from outside. */
export type Wish = Omit<Request, 'full'> & { readonly full?: boolean };

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
  #opening: Promise<OpenedSession> | undefined;
  #opened: OpenedSession | undefined;
  /** What the session was opened with. */
  #openedWith: Settings | undefined;
  #closing: Promise<void> = Promise.resolve();
  /** Requests that have not settled; the session may not have got the newest yet. */
  readonly #asked = new Set<Promise<RunResult>>();
  /** Tasks whose failure nobody has been told but the terminal. */
  readonly unheard: Set<string> = new Set();

  constructor() {
    keepExitCode();
    host.onExit(() => {
      if (this.unheard.size > 0) host.failAtExit();
    });
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
   * @returns The full names that they stand for.
   * @throws DefinitionError with every problem of the request
   */
  check(names: readonly string[]): readonly string[] {
    return checkRequest(names, this.catalog());
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

  /** Has tasks done; see `Session.request`. Without `full`, the command line says it. */
  request(request: Wish): Promise<RunResult> {
    const asked = this.#request(request);
    this.#asked.add(asked);
    const settled = (): unknown => this.#asked.delete(asked);
    asked.then(settled, settled);
    return asked;
  }

  /** Resolves when nothing is asked for and nothing runs. */
  async idle(): Promise<void> {
    while (this.#isBusy) {
      await Promise.allSettled(this.#asked);
      await this.session?.idle();
    }
  }

  async #request(request: Wish): Promise<RunResult> {
    const { session } = await this.#session();
    const { full } = this.#front.commandLine();
    const now = this.catalog().takeNow();
    let isTaken = false;
    try {
      return await session.request({
        full,
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

  /** The session, if one is open. */
  get session(): OpenedSession['session'] | undefined {
    return this.#opened?.session;
  }

  /** Where every task stands that is known by its full name. */
  states(): Map<string, StateName> {
    const { definitions, instances } = this.catalog();
    const states = new Map<string, StateName>();
    for (const { name, pattern } of definitions.values()) {
      if (pattern.placeholders.length === 0) states.set(name, 'idle');
    }
    for (const name of instances.keys()) states.set(name, 'idle');
    for (const [name, { state }] of this.session?.standings() ?? []) states.set(name, state.kind);
    return states;
  }

  /**
   * Forgets definitions, instances, params, results and states; options and the cache stay.
   *
   * @throws UsageError `definition-sealed` while tasks run
   */
  clear(): void {
    if (this.#isBusy) refuse('clear() was called while tasks run');
    this.#close();
    forgetDefinitions();
    this.#catalog = undefined;
    this.unheard.clear();
  }

  get #isBusy(): boolean {
    return this.#asked.size > 0 || this.session?.isBusy === true;
  }

  async #session(): Promise<OpenedSession> {
    const now = this.#settings();
    if (this.#openedWith !== undefined && !isSame(now, this.#openedWith)) {
      if (this.session?.isBusy !== false) refuse('Options were changed while tasks run');
      this.#close();
    }
    this.#openedWith = now;
    this.#opening ??= this.#closing.then(() => this.#open(now));
    return this.#opening;
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
    const { gulpfile, json, logs, isSilent, timeline, graph, report } = this.#front.commandLine();
    const files = [...sealedDefinitions().values()].map(({ place }) => place.file);
    // Loaded only now: listing tasks needs none of it.
    const { openSession } = await import('../run/open-session.ts');
    this.#opened = await openSession({
      settings: own,
      setup: workerSetup(gulpfile, [...new Set(files)]),
      views: {
        view: json ? 'json' : isSilent ? 'none' : 'text',
        showsLogs: logs,
        pictures: await loadPictures({ timeline, graph, report }),
      },
      catalog: () => this.catalog(),
      create: (name, as) => this.create(name, as),
      runNative: (name, run) => this.#front.runNative(name, run),
    });
    return this.#opened;
  }

  #close(): void {
    const opened = this.#opened;
    this.#opening = undefined;
    this.#opened = undefined;
    this.#openedWith = undefined;
    if (opened !== undefined) this.#closing = opened.close();
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
