import { type Build, currentBuild } from '../build/build.ts';
import { type CommandLine, readCommandLine } from '../build/command-line.ts';
import type { Front } from '../build/front.ts';
import { isWorkerProcess, settings } from '../dsl/program.ts';
import { imageOf } from '../model/error-image.ts';
import { UsageError } from '../model/errors.ts';
import type { TaskOutcome } from '../model/failure.ts';
import { taskAround } from '../model/inside-task.ts';
import { hasEnded } from '../model/state.ts';
import { host } from '../run/host.ts';
import { gulpfilePath } from '../run/worker-setup.ts';
import type { GulpCallable, GulpTree, Taker } from './gulp-types.ts';
import { type GulpRoot, Roots } from './roots.ts';

const key = Symbol.for('parproc.gulp');

/** How gulp uses the build of this process: one, however often this package is loaded. */
export function currentGulpBuild(): GulpBuild {
  const holder = globalThis as { [key]?: GulpBuild };
  holder[key] ??= new GulpBuild(currentBuild());
  return holder[key];
}

/** Joins gulp and the build. */
export class GulpBuild implements Front {
  /** gulp's own tasks. */
  readonly #natives = new Map<string, GulpCallable>();
  readonly nativeNames: Set<string> = new Set();
  readonly #build: Build;
  readonly #functions = new Map<string, GulpCallable>();
  readonly #listed = new WeakSet<GulpCallable>();
  readonly #roots: Roots;
  readonly #rootOfRun = new Map<number, GulpRoot>();
  #taker: Taker | undefined;
  /** Names of the command line that are kept up to date (`--live`). */
  readonly #liveNames = new Set<string>();
  #living: Promise<void> | undefined;

  constructor(build: Build) {
    this.#build = build;
    this.#roots = new Roots((root) => {
      build.rootMayHaveEnded(root);
    });
  }

  /** Takes the gulp instance that the registry was installed on. */
  join(taker: Taker): void {
    if (this.#taker === taker) return;
    this.#taker = taker;
    this.#build.useFront(this);
    if (!isWorkerProcess()) this.#roots.follow(taker);
  }

  /** A task of gulp's own, if there is one of that name. */
  native(name: string): GulpCallable | undefined {
    return this.#natives.get(name);
  }

  /** gulp's own tasks by name. */
  natives(): Iterable<[string, GulpCallable]> {
    return this.#natives;
  }

  /** Takes in a task of gulp's own. */
  setNative(name: string, fn: GulpCallable): void {
    this.#natives.set(name, fn);
    this.nativeNames.add(name);
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

  /** The file that gulp-cli has loaded; undefined if it is not known. */
  get gulpfile(): string | undefined {
    return gulpfilePath(this.commandLine().gulpfile);
  }

  get isDryRun(): boolean {
    return this.#build.isDryRun;
  }

  /** Says what running one of gulp's own tasks would do with tasks of ours, instead of running it. */
  dryRunOf(name: string): GulpCallable | undefined {
    if (!this.#natives.has(name)) return undefined;
    const fn: GulpCallable = (done) => {
      this.#foresee(name).then(() => done(), done);
    };
    Object.defineProperty(fn, 'name', { value: name });
    return fn;
  }

  async #foresee(name: string): Promise<void> {
    await this.#build.foreseeNative(name);
    const tree = this.#taker?.tree({ deep: true }).nodes.find(({ label }) => label === name);
    const ours = labelsIn(tree).filter((label) => this.#functions.has(label));
    for (const each of ours) await this.#want(each);
  }

  /** Notes what a registry lists for one of ours: the next registry is given that. */
  noteListed(fn: GulpCallable): void {
    this.#listed.add(fn);
  }

  /** Whether `fn` is one of ours, also as gulp has wrapped it. */
  owns(fn: GulpCallable): boolean {
    const inner = fn.unwrap?.() ?? fn;
    return this.#functions.get(inner.name) === inner || this.#listed.has(inner);
  }

  /**
   * Checks all names that gulp-cli is about to run, before it runs the first.
   *
   * @throws UsageError, DefinitionError
   */
  checkCommandLine(isOurs: (name: string) => boolean): void {
    const { tasks, live } = this.commandLine();
    this.#roots.expect(tasks);
    const ours = tasks.filter(isOurs);
    if (live && ours.length === 0) refuseLive(tasks);
    if (live) for (const name of ours) this.#liveNames.add(name);
    // Before another task has run, that is; what it does could change what the next one needs.
    if (tasks.length === 1 && ours.length === 1) this.#build.foresee(ours);
    else this.#build.check(ours);
  }

  commandLine(): CommandLine {
    const words = host.isGulp() ? host.argv().slice(2) : [];
    return readCommandLine(words, host.env, settings().flags);
  }

  runNative(name: string, run: number): Promise<TaskOutcome> {
    const root = this.#rootOfRun.get(run);
    if (root !== undefined) this.#roots.enter(root);
    return new Promise((resolve) => {
      const native = this.#natives.get(name);
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

  /** Keeps tasks up to date; see `Build.watch`. */
  watch(names: readonly string[]): Promise<void> {
    const root = this.#roots.current();
    return this.#build.watch({ names, onTaken: (run) => this.#rootOfRun.set(run, root) });
  }

  async #want(name: string): Promise<void> {
    const task = taskAround();
    const standing = this.#build.standingOf(name);
    // A task that wraps gulp.series() must not hold a slot while others run for it. What has ended
    // before is wanted anew: by a watcher that the task has started.
    if (task !== undefined && (standing === undefined || !hasEnded(standing.state))) {
      await task.call({ kind: 'wait', names: [name] });
      return;
    }
    const root = this.#roots.current();
    if (this.#liveNames.has(name)) {
      this.#living ??= this.watch([...this.#liveNames]);
      await this.#living;
      return;
    }
    const isInside = root.isAround(name);
    await this.#build.request({
      names: [name],
      root,
      isInside,
      patience: 'all',
      isBrief: true,
      onTaken: (run) => this.#rootOfRun.set(run, root),
    });
  }
}

function refuseLive(tasks: readonly string[]): never {
  const [text, hint] = [
    `--live watches tasks of parproc, and '${tasks.join(' ')}' is none.`,
    "Name one of parproc's tasks, or export a watcher: export const dev = watcher('site::dev').",
  ];
  throw new UsageError([{ code: 'invalid-option', text, hint }]);
}

/** All labels below a node, in order. */
function labelsIn(tree: GulpTree | undefined): string[] {
  return (tree?.nodes ?? []).flatMap((node) => [node.label, ...labelsIn(node)]);
}
