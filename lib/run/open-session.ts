import type { LastLook, StoredLook } from '../cache/last-look.ts';
import { TaskCache } from '../cache/task-cache.ts';
import type { Verdict } from '../cache/verdict.ts';
import type { WorkspaceLock } from '../cache/workspace-lock.ts';
import type { Catalog } from '../graph/graph.ts';
import type { Growth } from '../graph/grow-graph.ts';
import type { RecalledGrowth } from '../graph/recalled-growth.ts';
import type { TaskOutcome } from '../model/failure.ts';
import { runOutside } from '../model/inside-task.ts';
import type { TaskNode } from '../model/node.ts';
import type { Settings } from '../model/options.ts';
import type { WorkerSetup } from '../pool/task-pool.ts';
import { cacheOptionsOf } from './cache-options.ts';
import { childEntry } from './child-entry.ts';
import type { Judgement } from './effects.ts';
import { guardProcess } from './guard-process.ts';
import { host } from './host.ts';
import { latePool } from './late-pool.ts';
import { isListening } from './listening.ts';
import { openReporter, type Views } from './open-reporter.ts';
import { QuickLook } from './quick-look.ts';
import { loadInProcess, runHere } from './run-here.ts';
import { SeenInputs } from './seen-inputs.ts';
import { Services, type ServicesEffects } from './services.ts';
import { Session } from './session.ts';
import type { SessionEffects } from './session-effects.ts';
import { taskTakenUp } from './task-events.ts';
import { requestOf } from './task-request.ts';
import { type WatchFacts, watchFactsOf } from './watch-facts.ts';
import { workspaceLock } from './workspace-lock.ts';

/** What a session is made of, as far as it is not this process itself. */
export interface SessionParts {
  readonly settings: Settings;
  readonly setup: WorkerSetup;
  readonly views: Views;
  readonly catalog: () => Catalog;
  /** What a new run for `names` needs, if that has just been worked out. */
  readonly foreseen: (names: readonly string[]) => Growth | undefined;
  /** What a new run for `names` came to in an earlier process, if it comes to that again. */
  readonly recalled: (names: readonly string[]) => RecalledGrowth | undefined;
  /** Keeps the note of what a request has come to, for `recalled`, and tells how it will be recalled, if it will. */
  readonly note: (names: readonly string[], growth: Growth) => RecalledGrowth | undefined;
  /** Whether it is known already that not all is as the last look at the tasks of a request has found it. */
  readonly isChanged: (names: readonly string[]) => boolean;
  /** What the last look at the tasks of a request has found. */
  readonly readLook: (names: readonly string[]) => StoredLook | undefined;
  readonly keepLook: (names: readonly string[], look: Buffer) => void;
  /** Keeps what has become of some of the tasks since that look. */
  readonly keepNews: (names: readonly string[], news: string) => void;
  readonly create: (name: string, as: string | undefined) => readonly string[];
  /** Runs a task of gulp's own. Never rejects. */
  readonly runNative: (name: string, run: number) => Promise<TaskOutcome>;
}

/** A request whose tasks were looked at. */
interface LookedRequest {
  readonly names: readonly string[];
  readonly recalled: RecalledGrowth;
  readonly stored: StoredLook;
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
  /** See `WrittenFiles.by`; only after `enter`. */
  writtenBy(node: TaskNode): readonly string[];
  /** Stops idle workers and closes the cache; nothing may be running. Never rejects. */
  close(): Promise<void>;
}

/** The composition root: everything is made real and joined here. */
export function openSession(parts: SessionParts): OpenedSession {
  const { settings, setup } = parts;
  const { report, skip, withTerminal } = openReporter({
    views: parts.views,
    settings,
    workDir: setup.workDir,
    waiting: (limit) => session.waiting(limit),
  });
  let asked = 0;
  let looked: LookedRequest | undefined;
  const cacheOptions = cacheOptionsOf(parts, report);
  const lock = (file: string): WorkspaceLock => workspaceLock(file, cacheOptions.onWarning);
  const cache = TaskCache.closed({ ...cacheOptions, lock });
  const seenInputs = new SeenInputs(cache);
  const quickLook = new QuickLook({
    cache,
    catalog: parts.catalog,
    foreseen: parts.foreseen,
    recalled: parts.recalled,
    note: parts.note,
    lastLook,
    keepLook(names, recalled, last, fresh) {
      const text = cache.lastLooks.textOf(recalled, last, fresh);
      if (text !== undefined) parts.keepLook(names, text);
    },
    settled: (settled) => seenInputs.settled(settled),
    glance: () => cache.glance(isWorkDir()),
    isOutdated: ({ name }) => cache.isOutdated(name),
    check: (node, deps) => seenInputs.check(node, deps, false),
    seen: (node, glance) => seenInputs.glanced(node, glance),
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
    facts: watchFactsOf(setup, cache, seenInputs, report),
    async enter(names) {
      asked++;
      // Whatever runs should not have to wait for it, and be taken for slow.
      const enter = (): Promise<unknown> => Promise.all([cache.enter(), loadInProcess()]);
      if (names === undefined || session.hasRuns) quickLook.forget();
      else if (parts.isChanged(names)) {
        await quickLook.lookMeanwhile(names, enter);
        return;
      } else if (await quickLook.isAllFresh(names)) return;
      await enter();
      quickLook.forgetUnlessStill();
    },
    leave() {
      asked--;
      leaveIfOver();
    },
    writtenBy: (node) => cache.written.by(node),
    async close() {
      session.closeAll();
      unguard();
      await Promise.all([pool.cancel(), cache.close()]);
    },
  };

  function judged(node: TaskNode, deps: ReadonlyMap<string, string>, full: boolean): Judgement {
    const verdict = seenInputs.check(node, deps, full);
    return node.definition.service === undefined ? verdict : ofService(node, verdict, full);
  }

  function isWorkDir(): boolean {
    return host.workDir() === setup.workDir;
  }

  function lastLook(names: readonly string[], recalled: RecalledGrowth): LastLook | undefined {
    // Its paths are relative.
    const stored = isWorkDir() ? parts.readLook(names) : undefined;
    looked = stored && { names, recalled, stored };
    return stored && cache.lastLooks.of(stored, recalled);
  }

  function leaveIfOver(): void {
    if (asked === 0 && !session.hasRuns) void cache.leave().then(keepNews);
  }

  /** What was recorded since the last look is added to that, unless somebody is at work again. */
  function keepNews(): void {
    if (looked === undefined || cache.isEntered) return;
    const { names, recalled, stored } = looked;
    looked = undefined;
    try {
      const news = cache.lastLooks.newsOf(stored, recalled);
      if (news !== undefined) parts.keepNews(names, news);
    } catch {
      // The next run looks at more of them itself.
    }
  }

  function isHere({ definition }: TaskNode): boolean {
    // A service is stopped by ending its process.
    if (definition.service !== undefined) return false;
    return definition.inProcess || settings.mode === 'single';
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
      emitSettled: skip,
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
      tellsPast: parts.views.pictures !== undefined || parts.views.view === 'json',
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
      runNative: (task, run) => {
        report(taskTakenUp(run, task, host.now(), { pid: host.processId() }));
        return parts.runNative(task, run);
      },
      finish: (node, success) => cache.finish(node, success),
      noteWritten: (node, seen, written) => cache.written.note(node, seen, written),
      keep: (node, success) => cache.keep(node, success),
      skip: (node, seen) => cache.skip(node, seen),
      estimate: (name) => cache.estimate(name),
      beginRun: () => cache.beginRun(),
      runsOver: leaveIfOver,
      inputsUnchanged: (node) => seenInputs.areSame(node),
      forgetInputs: (name) => seenInputs.forget(name),
      flush: () => cache.flush(),
      afterThisTurn: (run) => setImmediate(run),
    };
  }
}

export type { Session };
