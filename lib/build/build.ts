import { currentParams, forgetDefinitions, sealedDefinitions, settings } from '../dsl/program.ts';
import { UsageError } from '../model/errors.ts';
import type { Settings } from '../model/options.ts';
import type { RunResult, StateName } from '../model/run-result.ts';
import { checkRequest, createInstances, Foresight, type Growth } from '../run/check-request.ts';
import { cleanOutputs } from '../run/clean-outputs.ts';
import type { DryRun } from '../run/dry-run.ts';
import { host } from '../run/host.ts';
import { loadPictures } from '../run/load-pictures.ts';
import type { OpenedSession, SessionParts } from '../run/open-session.ts';
import type { Request } from '../run/session.ts';
import { TaskCatalog } from '../run/task-catalog.ts';
import { workerSetup } from '../run/worker-setup.ts';
import { keepExitCode } from './exit-code.ts';
import { type Front, scriptFront } from './front.ts';
import { loadSession } from './load-session.ts';
import { Watches, type WatchWish } from './watches.ts';

/** A request as it comes from outside. */
export type Wish = Omit<Request, 'full'> & { readonly full?: boolean };

/** What hangs from nothing. */
const alone = { isInProgress: () => false };

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
  #foresight: Foresight | undefined;
  #opening: Promise<OpenedSession> | undefined;
  #opened: OpenedSession | undefined;
  /** What the session was opened with. */
  #openedWith: Settings | undefined;
  #closing: Promise<void> = Promise.resolve();
  #foreseeing: Promise<DryRun> | undefined;
  /** Requests that have not settled; the session may not have got the newest yet. */
  readonly #asked = new Set<Promise<RunResult>>();
  readonly #watches = new Watches();
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
    const { separator, allowMissingDeps, globalIgnore } = settings();
    const known = this.#catalog;
    const isCurrent =
      known?.separator === separator &&
      known.allowMissingDeps === allowMissingDeps &&
      known.globalIgnore === globalIgnore;
    if (!isCurrent) {
      this.#catalog = new TaskCatalog({
        separator,
        allowMissingDeps,
        globalIgnore,
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
   * As `check`, of what is asked for next: it need not be worked out again then.
   *
   * @throws DefinitionError with every problem of the request
   */
  foresee(names: readonly string[]): void {
    this.#foresight = new Foresight(names, this.catalog());
  }

  #foreseen(names: readonly string[]): Growth | undefined {
    const growth = this.#foresight?.growthFor(names, this.catalog());
    this.#foresight = undefined;
    return growth;
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

  /**
   * Removes the outputs of tasks and of all that they need, declared or not, while no other build of this
   * folder is under way.
   *
   * @throws DefinitionError (by rejecting) with every problem of the names; nothing is removed then
   * @throws Error (by rejecting) for an output outside of the working directory
   */
  async clean(names: readonly string[]): Promise<void> {
    const { enter, leave, writtenBy } = await this.#session();
    await enter();
    try {
      cleanOutputs(names, this.catalog(), writtenBy);
    } finally {
      leave();
    }
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
    if (this.isDryRun) return this.#tellOf(request);
    const { session, enter, leave } = await this.#session();
    const { full } = this.#front.commandLine();
    const now = this.catalog().takeNow();
    const names = [...request.names, ...now];
    let isTaken = false;
    try {
      await enter((request.full ?? full) ? undefined : names);
      return await session.request({
        full,
        ...request,
        names,
        onTaken: (run, names) => {
          isTaken = true;
          request.onTaken?.(run, names);
        },
      });
    } finally {
      if (!isTaken) this.catalog().putBackNow(now);
      leave();
    }
  }

  /** Whether it is only said what would run. */
  get isDryRun(): boolean {
    return this.#front.commandLine().dryRun;
  }

  /** In a dry run: says that one of gulp's own tasks would run. */
  async foreseeNative(name: string): Promise<void> {
    (await this.#dryRun()).foreseeNative(name);
  }

  async #tellOf({ names, full, onTaken }: Wish): Promise<RunResult> {
    const foreseen = (await this.#dryRun()).foresee(names, full);
    onTaken?.(0, foreseen.names);
    return foreseen.result;
  }

  #dryRun(): Promise<DryRun> {
    this.#foreseeing ??= import('../run/dry-run.ts').then(async ({ DryRun: Opened }) =>
      Opened.open(await this.#parts(this.#settings()), this.#front.commandLine().full),
    );
    return this.#foreseeing;
  }

  /**
   * Keeps tasks up to date: has them done, and again whenever their inputs change. Resolves when the
   * process is told to end; failures of tasks are only reported.
   *
   * @throws DefinitionError (by rejecting, before anything starts) with every problem of the request
   */
  async watch(wish: WatchWish): Promise<void> {
    if (this.isDryRun) {
      const dry = { root: alone, isInside: false, patience: 'all' } as const;
      await this.#tellOf({ ...wish, ...dry });
      return;
    }
    const opened = await this.#session();
    const { watchDebounceMs: debounceMs, interrupt } = this.#settings();
    const { full, json, isSilent } = this.#front.commandLine();
    const now = this.catalog().takeNow();
    let isTaken = false;
    const whole = {
      ...wish,
      names: [...wish.names, ...now],
      onTaken: (run: number, names: readonly string[]) => {
        isTaken = true;
        wish.onTaken?.(run, names);
      },
    };
    const terms = { full, debounceMs, interrupt, isForPerson: !json && !isSilent };
    try {
      await this.#watches.watch(opened, whole, terms);
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
    if (this.#watches.count > 0) refuse('clear() was called while tasks are watched');
    this.#close();
    forgetDefinitions();
    this.#catalog = undefined;
    this.#foreseeing = undefined;
    this.unheard.clear();
  }

  get #isBusy(): boolean {
    return this.#asked.size > 0 || this.session?.isBusy === true;
  }

  async #session(): Promise<OpenedSession> {
    const now = this.#settings();
    if (this.#openedWith !== undefined && !isSame(now, this.#openedWith)) {
      if (this.session?.isBusy !== false || this.#watches.count > 0)
        refuse('Options were changed while tasks run');
      this.#close();
    }
    this.#openedWith = now;
    this.#opening ??= this.#closing.then(() => this.#open(now));
    return this.#opening;
  }

  #settings(): Settings {
    const { parallel, failureMode, isCacheOff } = this.#front.commandLine();
    const base = settings();
    return {
      ...base,
      parallel: parallel ?? base.parallel,
      failureMode: failureMode ?? base.failureMode,
      cache: isCacheOff ? false : base.cache,
    };
  }

  async #open(own: Settings): Promise<OpenedSession> {
    const { openSession } = await loadSession();
    this.#opened = openSession(await this.#parts(own));
    return this.#opened;
  }

  async #parts(own: Settings): Promise<SessionParts> {
    const { gulpfile, json, logs, explain, isSilent, timeline, graph, report } =
      this.#front.commandLine();
    const files = [...sealedDefinitions().values()].map(({ place }) => place.file);
    return {
      settings: own,
      setup: workerSetup(gulpfile, [...new Set(files)]),
      views: {
        view: json ? 'json' : isSilent ? 'none' : 'text',
        showsLogs: logs,
        explain,
        pictures: await loadPictures({ timeline, graph, report }),
      },
      catalog: () => this.catalog(),
      foreseen: (names) => this.#foreseen(names),
      create: (name, as) => this.create(name, as),
      runNative: (name, run) => this.#front.runNative(name, run),
    };
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
  const { cache: aCache, ...aRest } = a;
  const { cache: bCache, ...bRest } = b;
  return aCache === bCache && JSON.stringify(aRest) === JSON.stringify(bRest);
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
