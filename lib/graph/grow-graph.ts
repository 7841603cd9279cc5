import { DefinitionError, type Problem } from '../model/errors.ts';
import type { GraphNode } from '../model/node.ts';
import { checkOutputs } from './check-outputs.ts';
import { checkReads } from './check-reads.ts';
import { Declarers } from './declarers.ts';
import { GoBefore } from './go-before.ts';
import type { Catalog, Graph } from './graph.ts';
import { Growing } from './growing.ts';
import { pullDeclarers } from './pull-declarers.ts';
import type { Settled } from './settled.ts';
import { type Sortable, sortByDeps } from './sort-by-deps.ts';
import type { Sprout } from './sprout.ts';
import { refuseEndless } from './task-limit.ts';
import { checkWaves, setWaves } from './waves.ts';

/** An edge to a new node from one that was in the graph before. */
export interface Injection {
  readonly target: string;
  readonly dep: string;
}

/** What a request adds to a graph. */
export interface Growth {
  /** Full names that were asked for, globs expanded, plus the targets that `whenScheduled` pulled in. */
  readonly wanted: readonly string[];
  /** Nodes that were not there before, in the order in which they were met. */
  readonly added: readonly GraphNode[];
  /** The same nodes, deps before what needs them. */
  readonly depsFirst: readonly GraphNode[];
  /** New deps of nodes that were in the graph before (reverse deps): see `extendGraph`. */
  readonly injected: readonly Injection[];
  /** Of tasks with functions in `.deps()` the names and globs that were wanted first, by name. */
  readonly given?: ReadonlyMap<string, readonly string[]>;
  /** Tasks beside those of `added`, of which no nodes were made. */
  readonly settled?: Settled;
}

/**
 * What `graph` lacks so that `names` can run: the tasks they stand for, all their deps, and what
 * goes before them by a reverse dep. Changes nothing; costs what it adds, however large the graph.
 *
 * @param hasBegun Whether a node of `graph` is running or has ended; without it, none has.
 * @throws DefinitionError with every problem of the request
 */
export function growGraph(
  graph: Graph,
  names: readonly string[],
  catalog: Catalog,
  hasBegun: (name: string) => boolean = () => false,
): Growth {
  const growing = new Growing(graph, catalog, hasBegun);
  for (const name of names) growing.want(name);
  grow(growing);
  const { added, depsFirst } = nodesOf(growing);
  for (const problem of checkOutputs(growing.index.owners, added)) growing.problems.push(problem);
  if (growing.problems.length === 0) noteReads(growing, added);
  if (growing.problems.length > 0) throw new DefinitionError(withoutRepeats(growing.problems));
  const { wanted, given } = growing;
  return { wanted: [...wanted], added, depsFirst, injected: injectionsOf(growing), given };
}

/** Follows deps and reverse deps until nothing new turns up. */
function grow(growing: Growing): void {
  const declarers = new Declarers();
  const goBefore = new GoBefore(growing);
  // The map grows on the way, and its iterator with it.
  for (const sprout of growing.sprouts.values()) {
    if (sprout.kind === 'missing') continue;
    if (sprout.kind === 'task') {
      refuseEndless(growing.sprouts.size, sprout.name, sprout.definition);
      growing.make(sprout);
    }
    pullDeclarers(growing, sprout, declarers);
    if (sprout.kind !== 'task' || sprout.definition.rdeps.length === 0) continue;
    goBefore.place(sprout);
    declarers.add(sprout.definition, sprout.rawArgs, sprout.name);
  }
}

/** The finished nodes. Cycles and waves are judged on the way. */
function nodesOf(growing: Growing): Pick<Growth, 'added' | 'depsFirst'> {
  const sorted = sortByDeps<Sprout | OldNode>(growing.sprouts.values(), finderIn(growing));
  if (sorted.kind === 'cycle') growing.problems.push(cycleProblem(sorted.path, growing));
  else {
    setWaves(growing, sorted.order.filter(isSprout));
    checkWaves(growing);
  }
  const added: GraphNode[] = [];
  for (const sprout of growing.sprouts.values()) {
    const node = nodeOf(sprout);
    if (node !== undefined) added.push(node);
  }
  if (sorted.kind === 'cycle') return { added, depsFirst: [] };
  const depsFirst: GraphNode[] = [];
  for (const each of sorted.order) {
    if (isSprout(each) && each.made !== undefined) depsFirst.push(each.made);
  }
  return { added, depsFirst };
}

/** The finished node; undefined if it cannot be made. */
function nodeOf(sprout: Sprout): GraphNode | undefined {
  const { name, deps } = sprout;
  if (sprout.kind !== 'task') {
    sprout.made = { kind: sprout.kind, name, deps };
  } else if (sprout.node !== undefined) {
    sprout.node.deps = deps;
    sprout.node.wave = sprout.wave;
    sprout.made = sprout.node;
  }
  return sprout.made;
}

/** Checks that tasks need what they read, and notes whom they need for it by way of others. */
function noteReads(
  { graph, index, catalog, problems, injected }: Growing,
  added: readonly GraphNode[],
): void {
  let known: Map<string, GraphNode> | undefined;
  const byName = (name: string): GraphNode | undefined => {
    known ??= new Map(added.map((node) => [node.name, node]));
    return known.get(name);
  };
  const nodeOf = (name: string): GraphNode | undefined => {
    const old = graph.get(name);
    const more = injected.get(name);
    if (old === undefined) return byName(name);
    return more === undefined ? old : { ...old, deps: [...old.deps, ...more] };
  };
  const reads = checkReads(added, { nodeOf, uses: index.uses, ignored: catalog.globalIgnore });
  for (const problem of reads.problems) problems.push(problem);
  for (const [name, makers] of reads.makers) {
    const node = byName(name);
    if (node?.kind === 'task') Object.assign(node, { makers });
  }
}

/** A node of the graph while cycles are looked for. */
interface OldNode extends Sortable {
  readonly kind: 'old';
}

function isSprout(node: Sprout | OldNode): node is Sprout {
  return node.kind !== 'old';
}

/**
 * Where to go in search of cycles. A new cycle has a new edge in it: so nodes of the graph matter
 * only if some of them got one, and those that have begun lead to nothing that can still get one.
 */
function finderIn(growing: Growing): (name: string) => Sprout | OldNode | undefined {
  const { sprouts, graph, injected, hasBegun } = growing;
  const old = new Map<string, OldNode>();
  return (name) => {
    const known = sprouts.get(name) ?? old.get(name);
    if (known !== undefined || injected.size === 0 || hasBegun(name)) return known;
    const deps = [...(graph.get(name)?.deps ?? []), ...(injected.get(name) ?? [])];
    const node: OldNode = { kind: 'old', name, deps, visit: 'new' };
    old.set(name, node);
    return node;
  };
}

function injectionsOf({ injected }: Growing): Injection[] {
  return [...injected].flatMap(([target, deps]) => [...deps].map((dep) => ({ target, dep })));
}

function cycleProblem(cycle: readonly string[], { sprouts, graph }: Growing): Problem {
  const first = sprouts.get(cycle[0] ?? '') ?? graph.get(cycle[0] ?? '');
  return {
    code: 'dependency-cycle',
    text: `Tasks wait for each other: ${cycle.join(' → ')}.`,
    place: first?.kind === 'task' ? first.definition.place : undefined,
    hint: 'Take one of these deps away.',
  };
}

function withoutRepeats(problems: readonly Problem[]): Problem[] {
  return [...new Map(problems.map((each) => [JSON.stringify(each), each])).values()];
}
