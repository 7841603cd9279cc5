import { TaskCache } from '../cache/task-cache.ts';
import { extendGraph } from '../graph/extend-graph.ts';
import { growGraph } from '../graph/grow-graph.ts';
import { type GraphNode, isAction } from '../model/node.ts';
import type { Forecast, Reporter } from '../model/run-event.ts';
import type { RunResult, TaskResult } from '../model/run-result.ts';
import { cacheOptionsOf } from './cache-options.ts';
import { type Foreseen, Foresight } from './forecast.ts';
import { host } from './host.ts';
import { openReporter } from './open-reporter.ts';
import type { SessionParts } from './open-session.ts';

/** Says what a run would do: it runs nothing and writes nothing. */
export class DryRun {
  readonly #parts: SessionParts;
  readonly #default: boolean;
  #isFull: boolean;
  readonly #report: Reporter;
  readonly #graph = new Map<string, GraphNode>();
  readonly #foresight: Foresight;
  readonly #counts: Record<Forecast, number> = {
    'would-run': 0,
    'would-restore': 0,
    'may-run': 0,
    'up-to-date': 0,
  };

  /** @param isFull Whether everything would be executed, up to date or not, unless a request says it. */
  static async open(parts: SessionParts, isFull: boolean): Promise<DryRun> {
    const { views, settings, setup } = parts;
    const { workDir } = setup;
    const { report } = openReporter({ views, settings, workDir, waiting: () => [] });
    const cache = await TaskCache.open({ ...cacheOptionsOf(parts, report), isReadOnly: true });
    return new DryRun(parts, report, cache, isFull);
  }

  private constructor(parts: SessionParts, report: Reporter, cache: TaskCache, isFull: boolean) {
    this.#parts = parts;
    this.#isFull = isFull;
    this.#default = isFull;
    this.#report = report;
    this.#foresight = new Foresight({
      check: (node, deps) => cache.check(node, deps, this.#isFull),
      restorable: (node, seen, reasons) => cache.restorable(node, seen, reasons),
      lastOutcome: (name) => cache.lastOutcome(name),
    });
    host.onExit(() => {
      const counts = {
        wouldRun: this.#counts['would-run'],
        wouldRestore: this.#counts['would-restore'],
        mayRun: this.#counts['may-run'],
        upToDate: this.#counts['up-to-date'],
      };
      report({ event: 'dry-run-ended', at: host.now(), counts });
    });
  }

  /**
   * Says what would become of `names` and all that they need.
   *
   * @returns Their full names, and states: `up-to-date`, or `wanted` for what would run or may.
   * @throws DefinitionError with every problem of the request
   */
  foresee(
    names: readonly string[],
    isFull?: boolean,
  ): { readonly names: readonly string[]; result: RunResult } {
    this.#isFull = isFull ?? this.#default;
    const growth = growGraph(this.#graph, names, this.#parts.catalog());
    extendGraph(this.#graph, growth);
    const needed = depsFirst(growth.wanted, this.#graph);
    const added = needed.filter(({ name }) => this.#foresight.of(name) === undefined);
    for (const node of added) this.#foresight.take(node);
    this.#foresight.wakeServices(added, growth.wanted, (name) => this.#graph.get(name));
    for (const { name } of added) this.#tell(this.#foresight.of(name));
    return { names: growth.wanted, result: this.#resultOf(growth.wanted, needed) };
  }

  /** Says that one of gulp's own tasks would run, which nothing else is known of. */
  foreseeNative(name: string): void {
    if (this.#foresight.of(name) !== undefined) return;
    this.#foresight.take({ kind: 'native', name, deps: [] });
    this.#tell(this.#foresight.of(name));
  }

  #tell(foreseen: Foreseen | undefined): void {
    if (foreseen === undefined) throw new Error('Internal error: a task that was not foreseen');
    const { node, forecast, reasons, after } = foreseen;
    const isGroup = !isAction(node);
    if (!isGroup) this.#counts[forecast]++;
    this.#report({
      event: 'task-foreseen',
      at: host.now(),
      task: node.name,
      isGroup,
      isNative: node.kind === 'native',
      deps: node.deps,
      forecast,
      reasons,
      after,
    });
  }

  #resultOf(wanted: readonly string[], needed: readonly GraphNode[]): RunResult {
    const tasks = new Map<string, TaskResult>();
    for (const { name } of needed) {
      const foreseen = this.#foresight.of(name);
      const state = foreseen?.forecast === 'up-to-date' ? 'up-to-date' : 'wanted';
      tasks.set(name, { state, reasons: foreseen?.reasons ?? [], durationMs: 0 });
    }
    const results = Object.create(null) as Record<string, unknown>;
    for (const name of wanted) {
      const foreseen = this.#foresight.of(name);
      if (foreseen?.forecast === 'up-to-date') results[name] = foreseen.value;
    }
    return Object.freeze({ ok: true, results: Object.freeze(results), tasks, durationMs: 0 });
  }
}

/** All that `names` need, themselves included, deps first. */
function depsFirst(names: readonly string[], graph: ReadonlyMap<string, GraphNode>): GraphNode[] {
  const order: GraphNode[] = [];
  const seen = new Set<string>();
  const pending: { readonly name: string; readonly isLeft: boolean }[] = names
    .map((name) => ({ name, isLeft: false }))
    .reverse();
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { name, isLeft } = next;
    const node = graph.get(name);
    if (node === undefined || (!isLeft && seen.has(name))) continue;
    seen.add(name);
    if (isLeft) order.push(node);
    else {
      pending.push({ name, isLeft: true });
      for (const dep of [...node.deps].reverse()) pending.push({ name: dep, isLeft: false });
    }
  }
  return order;
}
