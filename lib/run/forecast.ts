import { freshDigest, groupDigest } from '../cache/outcome-digest.ts';
import type { Observation, Verdict } from '../cache/verdict.ts';
import { PathIndex, pathPatternOf } from '../graph/path-index.ts';
import type { GraphNode, TaskNode } from '../model/node.ts';
import type { Forecast } from '../model/run-event.ts';
import type { StaleReason } from '../model/stale-reason.ts';
import { isService, type NodeOf, waysToServices } from './service-ways.ts';

/** What a forecast asks of the cache. */
export interface ForecastSources {
  check(node: TaskNode, deps: ReadonlyMap<string, string>): Verdict;
  /** The digest of what a task would come to if its outputs were put back; undefined if it would run. */
  restorable(
    node: TaskNode,
    seen: Observation,
    reasons: readonly StaleReason[],
  ): string | undefined;
  /** The digest of what a task last came to; undefined if it never succeeded. */
  lastOutcome(name: string): string | undefined;
}

/** What a run would do with one task. */
export interface Foreseen {
  readonly node: GraphNode;
  readonly forecast: Forecast;
  /** Reasons that hold whatever becomes of its deps. */
  readonly reasons: readonly StaleReason[];
  /** Deps that would run, or may, and on whose outcome it depends whether this one runs. */
  readonly after: readonly string[];
  /** What the task returned; known if it is up to date. */
  readonly value?: unknown;
}

/**
 * What a run would do with tasks, one after the other, deps first. What a dep would come to is not
 * known before it has run: so whatever only hangs on that "may run".
 */
export class Foresight {
  readonly #sources: ForecastSources;
  readonly #all = new Map<string, Foreseen>();
  readonly #digests = new Map<string, string>();
  /** Outputs of tasks that would run or may: nothing is known of these files. */
  readonly #pending = new PathIndex<string>();

  constructor(sources: ForecastSources) {
    this.#sources = sources;
  }

  of(name: string): Foreseen | undefined {
    return this.#all.get(name);
  }

  /** Its deps have been taken before. */
  take(node: GraphNode): Foreseen {
    const foreseen = this.#foresee(node);
    this.#all.set(node.name, foreseen);
    if (node.kind === 'task' && foreseen.forecast !== 'up-to-date') {
      for (const output of node.outputs) this.#pending.add(pathPatternOf(output), node.name);
    }
    return foreseen;
  }

  /**
   * Lets services start that are as they were but needed by what would run or may.
   *
   * @param nodes Those that have been taken last, deps first; `wanted` are asked for by name.
   */
  wakeServices(nodes: readonly GraphNode[], wanted: readonly string[], nodeOf: NodeOf): void {
    if (!nodes.some(isService)) return;
    const isResting = (name: string): boolean => this.#all.get(name)?.forecast === 'up-to-date';
    const usersThat = (forecast: Forecast): string[] =>
      nodes.flatMap(({ name }) => (this.#all.get(name)?.forecast === forecast ? [name] : []));
    const sure = waysToServices({ users: usersThat('would-run'), wanted }, nodeOf, isResting);
    const users = usersThat('may-run');
    const unsure = waysToServices({ users, wanted: [] }, nodeOf, isResting);
    for (const node of nodes) {
      const { name } = node;
      const isSure = sure.has(name);
      if (!isSure && !unsure.has(name)) continue;
      const forecast = isSure ? 'would-run' : 'may-run';
      const isGroup = !isService(node);
      const reasons: StaleReason[] = isGroup || !isSure ? [] : [{ kind: 'not-running' }];
      const ways = node.deps.filter((dep) => sure.has(dep) || unsure.has(dep));
      const after = isGroup ? ways : isSure ? [] : users;
      this.#all.set(name, { node, forecast, reasons, after });
    }
  }

  #foresee(node: GraphNode): Foreseen {
    if (node.kind !== 'task') {
      // Each execution of a gulp task counts as a change, and a missing one never succeeds.
      this.#digests.set(node.name, freshDigest());
      return { node, forecast: 'would-run', reasons: [], after: [] };
    }
    const open = node.deps.filter((dep) => this.#all.get(dep)?.forecast !== 'up-to-date');
    if (node.definition.action === undefined) {
      this.#digests.set(node.name, groupDigest(this.#depDigests(node)));
      const forecast = open.length === 0 ? 'up-to-date' : this.#strongest(open);
      return { node, forecast, reasons: [], after: open };
    }
    return this.#judge(node);
  }

  #judge(node: TaskNode): Foreseen {
    const deps = this.#depDigests(node);
    const verdict = this.#sources.check(node, deps);
    if (verdict.kind === 'fresh') this.#digests.set(node.name, verdict.outcome.digest);
    else this.#digests.set(node.name, this.#sources.lastOutcome(node.name) ?? freshDigest());
    const after = [...deps.keys()].filter((dep) => this.#isOpen(dep));
    const found = verdict.kind === 'fresh' ? [] : verdict.reasons;
    const reasons = found.filter((reason) => this.#isCertain(reason));
    if (reasons.length > 0) {
      const digest = this.#sources.restorable(node, verdict.observation, found);
      if (digest === undefined) return { node, forecast: 'would-run', reasons, after: [] };
      this.#digests.set(node.name, digest);
      return { node, forecast: 'would-restore', reasons, after: [] };
    }
    if (after.length > 0 || found.length > 0) {
      return { node, forecast: 'may-run', reasons: [], after };
    }
    const value = verdict.kind === 'fresh' ? verdict.outcome.value : undefined;
    return { node, forecast: 'up-to-date', reasons: [], after: [], value };
  }

  /** Whether a reason holds whatever comes of the tasks that would run before. */
  #isCertain(reason: StaleReason): boolean {
    if (reason.kind === 'dep-changed') {
      const dep = this.#all.get(reason.dep);
      return dep === undefined || dep.forecast === 'up-to-date' || dep.node.kind === 'native';
    }
    const isInput = /^input-/.test(reason.kind);
    return !isInput || !('path' in reason) || !this.#isPending(reason.path ?? '');
  }

  /** Whether a task that would run or may makes the file at `path`. */
  #isPending(path: string): boolean {
    for (const _ of this.#pending.meeting(pathPatternOf(escaped(path)))) return true;
    return false;
  }

  #isOpen(name: string): boolean {
    return this.#all.get(name)?.forecast !== 'up-to-date';
  }

  #strongest(names: readonly string[]): Forecast {
    const would = names.some((name) => this.#all.get(name)?.forecast === 'would-run');
    return would ? 'would-run' : 'may-run';
  }

  #depDigests(node: TaskNode): ReadonlyMap<string, string> {
    return new Map(
      [...node.deps, ...node.makers].map((dep) => [dep, this.#digests.get(dep) ?? freshDigest()]),
    );
  }
}

function escaped(path: string): string {
  return path.replace(/[*?{}()![\]\\]/g, '\\$&');
}
