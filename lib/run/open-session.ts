import { Glance } from '../cache/glance.ts';
import { type CacheOptions, TaskCache } from '../cache/task-cache.ts';
import type { Observation, Verdict } from '../cache/verdict.ts';
import type { WorkspaceLock } from '../cache/workspace-lock.ts';
import type { Catalog } from '../graph/graph.ts';
import type { Growth } from '../graph/grow-graph.ts';
import { isDefined } from '../graph/is-defined.ts';
import type { TaskOutcome } from '../model/failure.ts';
import { runOutside } from '../model/inside-task.ts';
import type { GraphNode, TaskNode } from '../model/node.ts';
import type { Settings } from '../model/options.ts';
import type { Reporter, RunEvent } from '../model/run-event.ts';
import type {
  TaskHooks,
  TaskReport,
  TaskRequest,
  TaskTerms,
  WorkerSetup,
} from '../pool/task-pool.ts';
import { childEntry } from './child-entry.ts';
import { divert } from './divert.ts';
import type { Attempt, Judgement } from './effects.ts';
import { guardProcess } from './guard-process.ts';
import { host } from './host.ts';
import { latePool } from './late-pool.ts';
import { isListening } from './listening.ts';
import { openReporter, type Views } from './open-reporter.ts';
import { QuickLook } from './quick-look.ts';
import { Services, type ServicesEffects } from './services.ts';
import { Session, type SessionEffects } from './session.ts';
import { workspaceLock } from './workspace-lock.ts';

/** What a session is made of, as far as it is not this process itself. */
export interface SessionParts {
  readonly settings: Settings;
  readonly setup: WorkerSetup;
  readonly views: Views;
  readonly catalog: () => Catalog;
  /** What a new run for `names` needs, if that has just been worked out. */
  readonly foreseen: (names: readonly string[]) => Growth | undefined;
  readonly create: (name: string, as: string | undefined) => readonly string[];
  /** Runs a task of gulp's own. Never rejects. */
  readonly runNative: (name: string, run: number) => Promise<TaskOutcome>;
}

/** A session, and what ends it. */
export interface OpenedSession {
  readonly session: Session;
  readonly facts: WatchFacts;
  /**
   * To be called before each request: resolves when no other build of this folder is under way, and
   * what they have left is known. Each call needs one of `leave`. Never rejects.
   *
   * @param names What is asked for then, if it need not run when it is up to date: if all of it is, other
   *   builds are not kept out.
   */
  enter(names?: readonly string[]): Promise<void>;
  /** The request of an `enter` has settled; when no run is left, other builds may go on. */
  leave(): void;
  /** See `TaskCache.writtenBy`; only after `enter`. */
  writtenBy(node: TaskNode): readonly string[];
  /** Stops idle workers and closes the cache; nothing may be running. Never rejects. */
  close(): Promise<void>;
}

/** What whoever watches files needs beside the session. */
export interface WatchFacts {
  /** Absolute; paths are relative to it. */
  readonly workDir: string;
  now(): number;
  after(ms: number, run: () => void): () => void;
  emit(event: RunEvent): void;
  /** Whether the files that count for all tasks are what they were when they were last looked at. */
  areGlobalsUnchanged(): boolean;
  /**
   * Whether all that a task itself reads is what it was when it was last looked at. One that never was is
   * looked at now, and is unchanged.
   *
   * @throws Error what functions in `.inputs()` throw, or a pattern that cannot be expanded
   */
  isUnchanged(node: TaskNode): boolean;
  /** Whether the outputs of a task are those of its last success, if anything is known of that. */
  areOutputsIntact(node: TaskNode): boolean;
  /** Paths that a task has found out it reads. */
  discoveredBy(name: string): readonly string[];
  /** Paths of the files that count for all tasks. */
  globalPaths(): readonly string[];
  /** The files with which the user's build begins. */
  readonly buildEntries: readonly string[];
}

/** The composition root: everything is made real and joined here. */
export function openSession(parts: SessionParts): OpenedSession {
  const { settings, setup } = parts;
  const { report, withTerminal } = openReporter({
    views: parts.views,
    settings,
    workDir: setup.workDir,
    waiting: (limit) => session.waiting(limit),
  });
  let asked = 0;
  const cacheOptions = cacheOptionsOf(parts, report);
  const lock = (file: string): WorkspaceLock => workspaceLock(file, cacheOptions.onWarning);
  const cache = TaskCache.closed({ ...cacheOptions, lock });
  const seenBy = new Map<string, Observation | Glance>();
  const observed = (node: GraphNode): Observation | undefined => {
    const seen = seenBy.get(node.name);
    if (node.kind !== 'task' || !(seen instanceof Glance)) return seen as Observation | undefined;
    const observation = seen.observationOf(node);
    seenBy.set(node.name, observation);
    return observation;
  };
  const quickLook = new QuickLook({
    cache,
    catalog: parts.catalog,
    foreseen: parts.foreseen,
    glance: () => cache.glance(host.workDir() === setup.workDir),
    check: (node, deps) => checked(node, deps, false),
    seen: (node, glance) => seenBy.set(node.name, glance),
  });
  const pool = latePool(async () => {
    const { openTaskPool } = await import('../pool/open-task-pool.ts');
    return openTaskPool({ setup, childEntry: childEntry(), killGraceMs: settings.killGraceMs });
  });
  const { parallel: slotCount, maxParked, failureMode } = settings;
  const capacities = new Map(Object.entries(settings.locks));
  const limits = { slotCount, capacities, maxParked, failureMode };
  const services = new Services(serviceEffectsOf());
  const session: Session = new Session(limits, effectsOf());
  const unguard = guardProcess(session, pool, cache);
  return {
    session,
    facts: factsOf(),
    async enter(names) {
      asked++;
      if (names !== undefined && !session.hasRuns && (await quickLook.isAllFresh(names))) return;
      // Whatever runs should not have to wait for it, and be taken for slow.
      await Promise.all([cache.enter(), loadInProcess()]);
      quickLook.forgetUnlessStill();
    },
    leave() {
      asked--;
      leaveIfOver();
    },
    writtenBy: (node) => cache.writtenBy(node),
    async close() {
      session.closeAll();
      unguard();
      await Promise.all([pool.cancel(), cache.close()]);
    },
  };

  function checked(node: TaskNode, deps: ReadonlyMap<string, string>, full: boolean): Verdict {
    const verdict = cache.check(node, deps, full);
    seenBy.set(node.name, verdict.observation);
    return verdict;
  }

  function judged(node: TaskNode, deps: ReadonlyMap<string, string>, full: boolean): Judgement {
    const verdict = checked(node, deps, full);
    return node.definition.service === undefined ? verdict : ofService(node, verdict, full);
  }

  function leaveIfOver(): void {
    if (asked === 0 && !session.hasRuns) void cache.leave();
  }

  function isHere({ definition }: TaskNode): boolean {
    // A service is stopped by ending its process.
    if (definition.service !== undefined) return false;
    return definition.inProcess || settings.mode === 'single';
  }

  function factsOf(): WatchFacts {
    return {
      workDir: setup.workDir,
      now: host.now,
      after: host.after,
      emit: report,
      isUnchanged(node) {
        const seen = observed(node);
        if (seen !== undefined) return cache.isUnchanged(node, seen);
        seenBy.set(node.name, cache.check(node, new Map(), false).observation);
        return true;
      },
      areGlobalsUnchanged: () => cache.areGlobalsUnchanged(),
      areOutputsIntact: (node) => cache.areOutputsIntact(node),
      discoveredBy: (name) => cache.discoveredBy(name),
      globalPaths: () => cache.globalPaths(),
      buildEntries: setup.files,
    };
  }

  /** What has not changed since it was started runs on; else its record tells why it starts anew. */
  function ofService(node: TaskNode, verdict: Verdict, full: boolean): Judgement {
    const { observation } = verdict;
    if (!full && services.isAsStarted(node, observation)) {
      const digest = cache.lastOutcome(node.name) ?? cache.serviceDigest(node, observation);
      return { kind: 'fresh', outcome: { value: undefined, digest }, observation };
    }
    return verdict.kind === 'fresh' ? { ...verdict, kind: 'resting' } : verdict;
  }

  function serviceEffectsOf(): ServicesEffects {
    return {
      now: host.now,
      after: host.after,
      emit: report,
      isListening,
      limitMs: ({ definition }) => definition.timeoutMs ?? settings.timeoutMs,
      digestOf: (node, seen) => cache.serviceDigest(node, seen),
      run: (node, attempt, hooks) => {
        const { isolate } = node.definition;
        const { signal } = attempt;
        const terms = { limitMs: undefined, softLimitMs: undefined, isolate, signal };
        return pool.run(requestOf(node, attempt), terms, hooks);
      },
      ended(name, { failure }) {
        // A watch goes on, and ends as it is told to.
        if (failure !== undefined && !session.isWatched) host.failAtExit();
        session.serviceGone(name);
      },
    };
  }

  function effectsOf(): SessionEffects {
    return {
      now: host.now,
      after: host.after,
      emit: report,
      catalog: parts.catalog,
      foreseen: (names) => quickLook.growthFor(names),
      create: parts.create,
      ask: async (message, isSecret) => {
        const { askPerson } = await import('./ask-person.ts');
        return withTerminal(() => runOutside(() => askPerson(message, isSecret)));
      },
      isHere,
      check: judged,
      sweep: (nodes, effects) => quickLook.sweep(nodes, effects),
      isServiceAlive: (name) => services.isAlive(name),
      deadServices: () => services.dead,
      stopService: (name) => void services.stop(name),
      servicesGone: (names) => services.gone(names),
      stopServices: () => services.stopAll(),
      hasServices: () => services.areAny,
      keepsLogs: settings.restoreBytes !== undefined,
      restore: (node, seen, reasons) =>
        cache.isEntered ? cache.restore(node, seen, reasons) : undefined,
      async begin(node) {
        // A request that was up to date a moment ago, and is not any more, has not entered.
        await cache.enter();
        await cache.begin(node);
      },
      runTask: (node, attempt, hooks) => {
        const { service } = node.definition;
        if (service !== undefined) return services.start(node, service, attempt, hooks);
        const request = requestOf(node, attempt);
        const terms = {
          limitMs: node.definition.timeoutMs ?? settings.timeoutMs,
          softLimitMs: node.definition.softTimeoutMs ?? settings.softTimeoutMs,
          isolate: node.definition.isolate,
          signal: attempt.signal,
        };
        return isHere(node)
          ? runHere(node, request, terms, hooks)
          : pool.run(request, terms, hooks);
      },
      runNative: parts.runNative,
      finish: (node, success) => cache.finish(node, success),
      noteWritten: (node, seen, written) => cache.noteWritten(node, seen, written),
      keep: (node, success) => cache.keep(node, success),
      skip: (node, seen) => cache.skip(node, seen),
      estimate: (name) => cache.estimate(name),
      beginRun: () => cache.beginRun(),
      runsOver: leaveIfOver,
      inputsUnchanged: (node: GraphNode) => {
        const seen = observed(node);
        return node.kind !== 'task' || seen === undefined || cache.sameInputs(node, seen);
      },
      forgetInputs: (name) => seenBy.delete(name),
      flush: () => cache.flush(),
      afterThisTurn: (run) => setImmediate(run),
    };
  }
}

async function runHere(
  node: TaskNode,
  request: TaskRequest,
  terms: TaskTerms,
  hooks: TaskHooks,
): Promise<TaskReport> {
  const { runInProcess } = inProcess ?? (await loadInProcess());
  if (terms.signal.aborted) {
    return { outcome: { kind: 'cancelled' }, paramsRead: [], discovered: [] };
  }
  // What the task writes meanwhile is its output.
  const undivert = divert(host);
  try {
    return await runInProcess(node, request, terms, hooks, host);
  } finally {
    undivert();
  }
}

type InProcess = typeof import('./run-in-process.ts');

let inProcess: InProcess | undefined;

/** A run with nothing to do needs none of it. */
async function loadInProcess(): Promise<InProcess> {
  inProcess ??= await import('./run-in-process.ts');
  return inProcess;
}

function requestOf(node: TaskNode, attempt: Attempt): TaskRequest {
  return {
    task: node.name,
    definition: node.definition.name,
    rawArgs: node.rawArgs,
    params: node.params,
    results: attempt.results,
    changedDeps: attempt.changedDeps,
    inputs: attempt.seen.inputs.map((file) => file.path),
    inputDigests:
      node.inputs.length === 0 ? undefined : attempt.seen.inputs.map((file) => file.sha256 ?? ''),
    inputPatterns: node.inputs.filter((input) => typeof input === 'string'),
    outputs: node.outputs,
    attempt: attempt.number,
  };
}

/** What a cache is opened with. */
export function cacheOptionsOf(parts: SessionParts, report: Reporter): CacheOptions {
  const { settings, setup } = parts;
  return {
    path: settings.cache,
    restoreBytes: settings.restoreBytes,
    workDir: setup.workDir,
    globalInputs: settings.globalInputs,
    globalIgnore: settings.globalIgnore,
    code: settings.code,
    imports: settings.imports,
    loadedAt: host.startedAt(),
    clock: host.epochMs,
    env: host.env,
    isDefined: (name) => isDefined(name, parts.catalog()),
    onWarning: (code, text) => report({ event: 'warning', at: host.now(), code, text }),
  };
}

export type { Session };
