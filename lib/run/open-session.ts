import { TaskCache } from '../cache/task-cache.ts';
import type { Observation } from '../cache/verdict.ts';
import type { TaskOutcome } from '../model/failure.ts';
import type { GraphNode, TaskNode } from '../model/node.ts';
import type { Settings } from '../model/options.ts';
import type { Reporter } from '../model/run-event.ts';
import { openForkPool } from '../pool/fork-pool.ts';
import type { TaskRequest, WorkerSetup } from '../pool/task-pool.ts';
import { jsonReporter } from '../report/json-reporter.ts';
import { plainReporter } from '../report/plain-reporter.ts';
import { childEntry } from './child-entry.ts';
import { guardProcess } from './guard-process.ts';
import { host } from './host.ts';
import { runInProcess } from './run-in-process.ts';
import { Session, type SessionEffects } from './session.ts';

/** What a session is made of, as far as it is not this process itself. */
export interface SessionParts {
  readonly settings: Settings;
  readonly setup: WorkerSetup;
  /** Which reporter: lines for people, one JSON object per event, or none. */
  readonly view: 'plain' | 'json' | 'none';
  /** Runs a task of gulp's own. Never rejects. */
  readonly runNative: (name: string, run: number) => Promise<TaskOutcome>;
}

/** The composition root: everything is made real and joined here, once per process. */
export async function openSession(parts: SessionParts): Promise<Session> {
  const { settings, setup } = parts;
  const report = reporterFor(parts.view);
  const cache = await TaskCache.open({
    path: settings.cache,
    workDir: setup.workDir,
    clock: host.epochMs,
    onWarning: (code, text) => report({ event: 'warning', at: host.now(), code, text }),
  });
  const pool = openForkPool({
    setup,
    childEntry: childEntry(),
    killGraceMs: settings.killGraceMs,
    after: host.after,
  });
  const session: Session = new Session(settings.parallel, effectsOf());
  guardProcess(session, pool, cache);
  return session;

  function effectsOf(): SessionEffects {
    const seenBy = new Map<string, Observation>();
    return {
      now: host.now,
      emit: report,
      check(node, deps, full) {
        const verdict = cache.check(node, deps, full);
        seenBy.set(node.name, verdict.observation);
        return verdict;
      },
      begin: (node) => cache.begin(node),
      runTask: (node, seen, results, onOutput) => {
        const request = requestOf(node, seen, results);
        const limitMs = node.definition.timeoutMs ?? settings.timeoutMs;
        return node.definition.inProcess
          ? runInProcess(node, request, limitMs, host.after)
          : pool.run(request, limitMs, onOutput);
      },
      runNative: parts.runNative,
      finish: (node, seen, value, tookMs) => cache.finish(node, seen, value, tookMs),
      inputsUnchanged: (node: GraphNode) => {
        const seen = seenBy.get(node.name);
        return node.kind === 'native' || seen === undefined || cache.sameInputs(node, seen);
      },
      flush: () => cache.flush(),
      afterThisTurn: (run) => setImmediate(run),
    };
  }
}

function requestOf(
  node: TaskNode,
  seen: Observation,
  results: ReadonlyMap<string, unknown>,
): TaskRequest {
  return {
    task: node.name,
    definition: node.definition.name,
    rawArgs: node.rawArgs,
    results,
    inputs: seen.inputs.map((file) => file.path),
    outputs: node.outputs,
  };
}

function reporterFor(view: SessionParts['view']): Reporter {
  if (view === 'none') return () => undefined;
  const { write } = host;
  if (view === 'json') return jsonReporter({ write });
  return plainReporter({ write, color: host.hasColor(), timeOfDay: host.timeOfDay });
}

export type { Session };
