import { DefinitionError, type Problem } from '../model/errors.ts';
import type { GraphNode } from '../model/node.ts';
import { checkOutputs } from './check-outputs.ts';
import { Declarers } from './declarers.ts';
import { GoBefore } from './go-before.ts';
import type { Catalog, Graph } from './graph.ts';
import { Growing, type Sprout } from './growing.ts';
import { pullDeclarers } from './pull-declarers.ts';
import { sortByDeps } from './sort-by-deps.ts';
import { checkWaves, wavesOf } from './waves.ts';

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
  /** New deps of nodes that were in the graph before (reverse deps): see `extendGraph`. */
  readonly injected: readonly Injection[];
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
  const added = nodesOf(growing);
  for (const problem of checkOutputs(growing.index.owners, added)) growing.problems.push(problem);
  if (growing.problems.length > 0) throw new DefinitionError(withoutRepeats(growing.problems));
  return { wanted: [...growing.wanted], added, injected: injectionsOf(growing) };
}

/** Follows deps and reverse deps until nothing new turns up. */
function grow(growing: Growing): void {
  const declarers = new Declarers();
  const goBefore = new GoBefore(growing);
  // The map grows on the way, and its iterator with it.
  for (const sprout of growing.sprouts.values()) {
    if (sprout.kind === 'missing') continue;
    if (sprout.kind === 'task') growing.make(sprout);
    pullDeclarers(growing, sprout, declarers);
    if (sprout.kind !== 'task' || sprout.definition.rdeps.length === 0) continue;
    goBefore.place(sprout);
    declarers.add(sprout.definition, sprout.rawArgs, sprout.name);
  }
}

/** The finished nodes. Cycles and waves are judged on the way. */
function nodesOf(growing: Growing): GraphNode[] {
  const sorted = sortByDeps(growing.sprouts.keys(), edgesOf(growing));
  if (sorted.kind === 'cycle') growing.problems.push(cycleProblem(sorted.path, growing));
  const waves = wavesOf(growing, sorted.kind === 'cycle' ? [] : sorted.names);
  checkWaves(growing, waves);
  return [...growing.sprouts.values()].flatMap((sprout) => nodeOf(sprout, waves));
}

function nodeOf(sprout: Sprout, waves: ReadonlyMap<string, number>): GraphNode[] {
  const deps = [...sprout.deps];
  if (sprout.kind !== 'task') return [{ kind: sprout.kind, name: sprout.name, deps }];
  if (sprout.node === undefined) return [];
  return [{ ...sprout.node, deps, wave: waves.get(sprout.name) ?? 0 }];
}

function injectionsOf({ injected }: Growing): Injection[] {
  return [...injected].flatMap(([target, deps]) => [...deps].map((dep) => ({ target, dep })));
}

/**
 * The deps to follow in search of cycles. A new cycle has a new edge in it: so nodes of the graph
 * matter only if they got one, and those that have begun lead to nothing that can still get one.
 */
function edgesOf(growing: Growing): (name: string) => Iterable<string> {
  const { sprouts, graph, injected, hasBegun } = growing;
  return (name) => {
    const sprout = sprouts.get(name);
    if (sprout !== undefined) return sprout.deps;
    if (injected.size === 0 || hasBegun(name)) return [];
    return [...(graph.get(name)?.deps ?? []), ...(injected.get(name) ?? [])];
  };
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
