import { isAction } from '../model/node.ts';
import { hasSucceeded } from '../model/state.ts';
import { type BuildFiles, buildFilesOf } from '../run/build-files.ts';
import type { LastingRun } from '../run/lasting-run.ts';
import type { OpenedSession } from '../run/open-session.ts';
import { type Burst, Bursts } from './bursts.ts';
import { ChangeSearch } from './change-search.ts';
import type { FileWatcher, FileWatcherOptions } from './file-watcher.ts';
import { FolderWatcher } from './folder-watcher.ts';
import { LoopGuard } from './loop-guard.ts';
import { PollingWatcher } from './polling-watcher.ts';
import { pollMs, watchTroubleOf } from './watch-trouble.ts';
import { WatchedPaths } from './watched-paths.ts';

/** What is to be kept up to date, and how. */
export interface WatchOptions {
  readonly names: readonly string[];
  /** Whether the first run executes everything, up to date or not. */
  readonly full: boolean;
  /** How long it must be quiet before changes lead to a run, in milliseconds. */
  readonly debounceMs: number;
  /** Whether what runs is stopped when it is outdated. */
  readonly interrupt: boolean;
  /** Whether keys can be pressed. */
  readonly hasKeys: boolean;
  /** Called when the user's build itself has changed: a fresh process is to go on. */
  readonly onBuildChanged: () => void;
  /** Told of each run, and the full names of what is watched. */
  readonly onTaken: (run: number, names: readonly string[]) => void;
}

/** Stands for all tasks where something concerns each of them. */
const everybody = '*';
/** Stands for the build itself. */
const build = '!';
const shownPaths = 100;

/**
 * Keeps tasks up to date until it is ended. What is heard of files is a hint only: a task runs again
 * if a look at its inputs tells that they are not what it has seen.
 */
export class Watch {
  readonly #options: WatchOptions;
  readonly #opened: OpenedSession;
  readonly #run: LastingRun;
  readonly #paths: WatchedPaths;
  readonly #bursts: Bursts;
  readonly #search: ChangeSearch;
  readonly #loops = new LoopGuard();
  /** Resolves when it has been ended and nothing of it runs. */
  readonly ended: Promise<void>;
  #resolveEnded: () => void = () => undefined;
  #watcher: FileWatcher | undefined;
  readonly #buildFiles: BuildFiles;
  /** What has been said of trouble. */
  readonly #troubles = new Set<string>();
  /** Tasks that are to run again as soon as no other build is in the way. */
  readonly #dirty = new Set<string>();
  /** Whether these are to be executed, up to date or not. */
  #isFull = false;
  #isEntered = true;
  #isEntering = false;
  #isOver = false;
  /** Whether what is to run waits because it seems to go round in a circle. */
  #isLate = false;
  #cancelDelay: () => void = () => undefined;
  /** Whether everything is to be looked at when it is quiet. */
  #isLookDue = false;
  /** Whether nothing had changed when everything was looked at after the last run. */
  #isClean = false;
  #isReady = false;
  #hasEnded = false;
  #removeStop: () => void;

  /**
   * Runs the tasks, and from then on whenever there is a reason to.
   *
   * @throws DefinitionError (by rejecting) with every problem of the request
   */
  static async open(opened: OpenedSession, options: WatchOptions): Promise<Watch> {
    await opened.enter();
    try {
      return new Watch(opened, options);
    } catch (error) {
      opened.leave();
      throw error;
    }
  }

  private constructor(opened: OpenedSession, options: WatchOptions) {
    this.#options = options;
    this.#opened = opened;
    this.ended = new Promise((resolve) => {
      this.#resolveEnded = resolve;
    });
    const { session, facts } = opened;
    this.#bursts = new Bursts(facts.after, (burst) => this.#onBurst(burst));
    const { names, full, onTaken } = options;
    this.#run = session.lasting({ names, full, onTaken, onOver: () => this.#onOver() });
    // What waits for longer is looked at when it is its turn.
    this.#search = new ChangeSearch(
      (name) => !this.#bursts.isPendingFor(name) && this.#hasChanged(name, false),
    );
    this.#paths = new WatchedPaths(facts);
    this.#buildFiles = buildFilesOf(facts.buildEntries);
    this.#removeStop = session.onStop(() => this.end());
    this.#takePaths();
    this.#watcher = new FolderWatcher(this.#watcherOptions());
  }

  /** Lets all tasks come about again; `full`: they are executed, up to date or not. */
  rerun(full: boolean): void {
    if (this.#hasEnded) return;
    for (const name of this.#run.graph.keys()) this.#dirty.add(name);
    this.#isFull ||= full;
    this.#loops.reset();
    this.#cancelDelay();
    this.#search.stop();
    this.#go();
  }

  /** Watches nothing any more; what runs is left to end. */
  end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#removeStop();
    this.#bursts.close();
    this.#cancelDelay();
    this.#search.stop();
    void this.#watcher?.close();
    if (this.#isOver) void this.#settle();
  }

  async #settle(): Promise<void> {
    await this.#run.end();
    this.#resolveEnded();
  }

  #watcherOptions(): FileWatcherOptions {
    return {
      workDir: this.#opened.facts.workDir,
      basesOutside: () => this.#paths.folders.basesOutside(),
      isNeeded: (folder) => this.#paths.folders.isNeeded(folder),
      isMeant: (path) => this.#paths.owners(path, false).size > 0,
      onChange: (path, isFolder) => this.#onChange(path, isFolder),
      onReady: () => this.#onReady(),
      onTrouble: (error) => this.#onTrouble(error),
    };
  }

  #onReady(): void {
    if (this.#hasEnded) return;
    const { facts } = this.#opened;
    if (!this.#isReady) {
      facts.emit({
        event: 'watch-started',
        at: facts.now(),
        folders: this.#paths.foldersShown(),
        taskCount: this.#paths.taskCount,
      });
    }
    this.#isReady = true;
    this.#look();
  }

  #onTrouble(error: NodeJS.ErrnoException): void {
    if (this.#hasEnded) return;
    const { facts } = this.#opened;
    const { code, text, isExhaustion } = watchTroubleOf(error);
    if (!this.#troubles.has(text)) facts.emit({ event: 'warning', at: facts.now(), code, text });
    this.#troubles.add(text);
    if (isExhaustion) {
      void this.#watcher?.close();
      this.#watcher = new PollingWatcher(this.#watcherOptions(), pollMs);
    } else this.#look();
  }

  #onChange(path: string, isFolder: boolean): void {
    const owners = this.#paths.owners(path, isFolder);
    if (owners.size === 0) return;
    for (const [quietMs, names] of this.#byQuietMs(owners)) this.#bursts.note(path, names, quietMs);
  }

  #byQuietMs(owners: Iterable<string>): Map<number, string[]> {
    const groups = new Map<number, string[]>();
    for (const owner of owners) {
      const node = this.#run.graph.get(owner);
      const own = node?.kind === 'task' ? node.definition.debounceMs : undefined;
      const quietMs = own ?? this.#options.debounceMs;
      const known = groups.get(quietMs);
      if (known === undefined) groups.set(quietMs, [owner]);
      else known.push(owner);
    }
    return groups;
  }

  #onBurst({ paths, owners }: Burst): void {
    if (owners.has(build) && this.#hasBuildChanged([...paths])) return;
    const isForAll = owners.has(everybody) && !this.#opened.facts.areGlobalsUnchanged();
    const tasks = isForAll
      ? this.#actions()
      : [...owners].filter((name) => this.#hasChanged(name, true));
    // Nothing had changed when the last run was over: so it was somebody else.
    if (this.#isClean && tasks.length > 0) this.#loops.reset();
    this.#again(tasks, [...paths]);
    if (this.#isLookDue) this.#look();
    else this.#tellIfSettled();
  }

  #actions(): string[] {
    return [...this.#run.graph.values()].filter(isAction).map(({ name }) => name);
  }

  /** @param heard Paths of which something was heard. */
  #hasBuildChanged(heard: readonly string[]): boolean {
    const { facts } = this.#opened;
    const now = buildFilesOf(facts.buildEntries);
    if (now.digest === this.#buildFiles.digest) return false;
    const paths = heard.filter((path) => this.#paths.owners(path, false).has(build));
    facts.emit({
      event: 'build-files-changed',
      at: facts.now(),
      paths: paths.slice(0, shownPaths),
    });
    this.#options.onBuildChanged();
    return true;
  }

  /** @param unsure What is said of a task whose inputs cannot be told. */
  #hasChanged(name: string, unsure: boolean): boolean {
    const node = this.#run.graph.get(name);
    const state = this.#run.stateOf(name);
    if (!isAction(node) || state === undefined) return false;
    // It is looked at when it starts.
    if (state.kind === 'wanted' || this.#dirty.has(name)) return false;
    const { facts } = this.#opened;
    try {
      if (!facts.isUnchanged(node)) return true;
      // What a task has left that failed or runs is nobody's business.
      return hasSucceeded(state) && !facts.areOutputsIntact(node);
    } catch {
      return unsure;
    }
  }

  #again(tasks: readonly string[], paths: readonly string[]): void {
    if (tasks.length === 0 || this.#hasEnded) return;
    const { facts } = this.#opened;
    facts.emit({
      event: 'files-changed',
      at: facts.now(),
      paths: paths.slice(0, shownPaths),
      pathCount: paths.length,
      tasks,
    });
    for (const name of tasks) this.#dirty.add(name);
    this.#search.stop();
    const { ms, isFirst } = this.#loops.delay(tasks);
    if (isFirst) this.#warnOfLoop(tasks);
    this.#cancelDelay();
    this.#isLate = ms > 0;
    this.#cancelDelay = this.#isLate ? facts.after(ms, () => this.#go()) : () => undefined;
    if (!this.#isLate) this.#go();
  }

  #warnOfLoop(tasks: readonly string[]): void {
    const { facts } = this.#opened;
    const names = tasks.slice(0, 3).join(', ');
    const text = `Inputs of ${names} change each time it runs; it waits longer each time before it runs again.`;
    facts.emit({ event: 'warning', at: facts.now(), code: 'watch-loop', text });
  }

  #go(): void {
    this.#isLate = false;
    this.#isOver = false;
    this.#isClean = false;
    if (this.#isEntered) this.#renew();
    else if (!this.#isEntering) void this.#enter();
  }

  /** Other builds of this folder come first. */
  async #enter(): Promise<void> {
    this.#isEntering = true;
    await this.#opened.enter();
    this.#isEntering = false;
    this.#isEntered = true;
    if (!this.#hasEnded) this.#renew();
    else this.#onOver();
  }

  #renew(): void {
    const names = [...this.#dirty];
    const full = this.#isFull;
    this.#dirty.clear();
    this.#isFull = false;
    this.#run.again(names, { full, interrupt: this.#options.interrupt });
  }

  #onOver(): void {
    this.#isOver = true;
    this.#isEntered = false;
    this.#opened.leave();
    if (this.#hasEnded) void this.#settle();
    else this.#look();
  }

  /** What was not heard of is found by looking at everything. */
  #look(): void {
    if (this.#hasEnded || !this.#isReady || !this.#isOver) return;
    // What is being changed now is not looked at before it is quiet.
    this.#isLookDue = this.#bursts.isPending(this.#options.debounceMs);
    if (this.#isLookDue) return;
    if (this.#hasBuildChanged([])) return;
    if (this.#takePaths()) void this.#watcher?.catchUp();
    if (!this.#opened.facts.areGlobalsUnchanged()) {
      this.#again(this.#actions(), []);
      return;
    }
    this.#search.start(this.#run.graph.keys(), (changed) => {
      this.#isLookDue = this.#bursts.isPending(this.#options.debounceMs);
      if (this.#isLookDue) return;
      this.#isClean = changed.length === 0;
      this.#again(changed, []);
      this.#tellIfSettled();
    });
  }

  #tellIfSettled(): void {
    const isQuiet = this.#isOver && this.#isReady && !this.#bursts.isPending(Infinity);
    if (!isQuiet || this.#isLate || this.#search.isUnderWay || this.#hasEnded) return;
    const { facts } = this.#opened;
    const { hasKeys } = this.#options;
    facts.emit({ event: 'watch-settled', at: facts.now(), hasKeys });
  }

  /** Takes in what tasks read; returns whether there is anything new. */
  #takePaths(): boolean {
    for (const node of this.#run.graph.values()) if (isAction(node)) this.#paths.add(node);
    for (const path of this.#opened.facts.globalPaths()) this.#paths.addPlain(everybody, path);
    for (const path of this.#buildFiles.paths) this.#paths.addPlain(build, path);
    return this.#paths.takeNews();
  }
}
