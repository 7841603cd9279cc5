import { forgetDefinitions } from '../dsl/program.ts';
import type { RunResult, StateName } from '../model/run-result.ts';
import { checkRequest, createInstances } from '../run/check-request.ts';
import { cleanOutputs } from '../run/clean-outputs.ts';
import type { DryRun } from '../run/dry-run.ts';
import { host } from '../run/host.ts';
import type { OpenedSession } from '../run/open-session.ts';
import type { Request, Root } from '../run/request.ts';
import type { Standing } from '../run/standings.ts';
import type { TaskCatalog } from '../run/task-catalog.ts';
import { BuildCatalog } from './build-catalog.ts';
import { BuildSession } from './build-session.ts';
import type { CommandLine } from './command-line.ts';
import { keepExitCode } from './exit-code.ts';
import { type Front, scriptFront } from './front.ts';
import { refuseChange } from './refuse-change.ts';
import { SettledAnswer } from './settled-answer.ts';
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
  readonly #catalog = new BuildCatalog(
    () => this.#front.nativeNames,
    () => tellsLittle(this.#front.commandLine()),
  );
  readonly #session = new BuildSession({
    front: () => this.#front,
    catalog: () => this.#catalog.now(),
    foreseen: (names) => this.#catalog.foreseen(names),
    recalled: (names) => this.#catalog.recalled(names),
    note: (names, growth) => this.#catalog.note(names, growth),
    isChanged: (names) => this.#catalog.isChanged(names),
    readLook: (names) => this.#catalog.readLook(names),
    keepLook: (names, look) => this.#catalog.keepLook(names, look),
    keepNews: (names, news) => this.#catalog.keepNews(names, news),
    create: (name, as) => this.create(name, as),
  });
  #foreseeing: Promise<DryRun> | undefined;
  /** The first request, if it was answered without a session. */
  #answer: SettledAnswer | undefined;
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
    this.#catalog.forget();
  }

  /** What names can stand for now. */
  catalog(): TaskCatalog {
    return this.#catalog.now();
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
    this.#catalog.foresee(names);
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
    const { enter, leave, writtenBy } = await this.#open();
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
    const answer = await this.#settledAnswer(request);
    if (answer !== undefined) return answer.result;
    const { session, enter, leave } = await this.#open();
    const { full } = this.#front.commandLine();
    const now = this.catalog().takeNow();
    const names = [...request.names, ...now];
    let isTaken = false;
    try {
      await enter((request.full ?? full) ? undefined : names);
      this.#catalog.forgetLook();
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

  /** Without a session, since most of a run with nothing to do would be to load what that is made of. */
  async #settledAnswer(request: Wish): Promise<SettledAnswer | undefined> {
    const { names, isBrief, isInside } = request;
    const { isSilent } = this.#front.commandLine();
    const isFirst = this.#asked.size === 0 && !this.#session.isOpen && this.#watches.count === 0;
    // On GitHub a summary has more than a line.
    const isPlain = isBrief === true && !isInside && host.env('GITHUB_ACTIONS') !== 'true';
    if (!isFirst || !isPlain || !this.#catalog.isRecalled(names) || this.catalog().hasNow) {
      return undefined;
    }
    const startedAt = host.now();
    // V8 marks what gulp has left on the heap as soon as the event loop turns, on a second thread, and the process
    // waits for that when it ends: so it begins while there is still something to do.
    await new Promise<void>((resolve) => setImmediate(resolve));
    const settings = this.#session.settings();
    const found = await this.#catalog.settled(names, settings);
    if (this.#asked.size > 1 || this.#session.isOpen) {
      // Others may have changed files since.
      this.#catalog.forgetLook();
      return undefined;
    }
    if (found === undefined) return undefined;
    this.#answer = new SettledAnswer(found, { request, settings, isSilent, startedAt });
    return this.#answer;
  }

  /** Looks again whether what `root` has asked for is over. */
  rootMayHaveEnded(root: Root): void {
    this.#answer?.rootMayHaveEnded(root);
    this.session?.rootMayHaveEnded(root);
  }

  /** How each task stands that has been wanted, by full name. */
  standings(): ReadonlyMap<string, Standing> {
    return this.session?.standings() ?? this.#answer?.standings() ?? new Map();
  }

  /** How one task stands; undefined if it has not been wanted. */
  standingOf(name: string): Standing | undefined {
    return this.session === undefined
      ? this.#answer?.standingOf(name)
      : this.session.standingOf(name);
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
      Opened.open(
        await this.#session.partsFor(this.#session.settings()),
        this.#front.commandLine().full,
      ),
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
    this.#catalog.forgetLook();
    const opened = await this.#open();
    const { watchDebounceMs: debounceMs, interrupt } = this.#session.settings();
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
    return this.#session.opened?.session;
  }

  /** Where every task stands that is known by its full name. */
  states(): Map<string, StateName> {
    const { definitions, instances } = this.catalog();
    const states = new Map<string, StateName>();
    for (const { name, pattern } of definitions.values()) {
      if (pattern.placeholders.length === 0) states.set(name, 'idle');
    }
    for (const name of instances.keys()) states.set(name, 'idle');
    for (const [name, { state }] of this.standings()) states.set(name, state.kind);
    return states;
  }

  /**
   * Forgets definitions, instances, params, results and states; options and the cache stay.
   *
   * @throws UsageError `definition-sealed` while tasks run
   */
  clear(): void {
    if (this.#isBusy) refuseChange('clear() was called while tasks run');
    if (this.#watches.count > 0) refuseChange('clear() was called while tasks are watched');
    this.#session.close();
    forgetDefinitions();
    this.#catalog.forget();
    this.#foreseeing = undefined;
    this.#answer = undefined;
    this.unheard.clear();
  }

  get #isBusy(): boolean {
    return this.#asked.size > 0 || this.session?.isBusy === true;
  }

  async #open(): Promise<OpenedSession> {
    const isFirst = !this.#session.isOpen;
    const opened = await this.#session.open(this.#watches.count > 0);
    if (isFirst && this.#answer !== undefined) {
      this.#answer.tell();
      opened.session.takeSettled(this.#answer.found.settled);
    }
    return opened;
  }
}

/** Whether nobody is told more of tasks that are up to date than how many they are. */
function tellsLittle(line: CommandLine): boolean {
  const { full, dryRun, isCacheOff, json, logs, explain, timeline, graph, report } = line;
  const isTold = json || logs || explain;
  return !(full || dryRun || isCacheOff || isTold) && (timeline ?? graph ?? report) === undefined;
}
