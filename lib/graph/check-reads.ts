import type { Problem } from '../model/errors.ts';
import type { GraphNode, TaskNode } from '../model/node.ts';
import { placeText } from '../model/place.ts';
import { type Meeting, PathIndex, type PathPattern, pathPatternOf } from './path-index.ts';

/** What tasks declare to read and to make, of all nodes that were added so far. */
export class FileUses {
  readonly #made = new PathIndex<TaskNode>();
  readonly #read = new PathIndex<TaskNode>();
  isEmpty = true;

  add(node: TaskNode): void {
    this.isEmpty = false;
    for (const output of node.outputs) this.#made.add(pathPatternOf(output), node);
    for (const input of readsOf(node)) this.#read.add(input, node);
  }

  /** Who reads what `node` makes, and by which path. */
  *readersOf(node: TaskNode): Iterable<Reading> {
    for (const output of node.outputs) {
      const pattern = pathPatternOf(output);
      for (const met of this.#read.meeting(pattern))
        yield* readingOf(met.owner, node, met, pattern);
    }
  }

  /** Whose outputs `node` reads, and by which path. */
  *makersFor(node: TaskNode): Iterable<Reading> {
    for (const pattern of readsOf(node)) {
      for (const met of this.#made.meeting(pattern))
        yield* readingOf(node, met.owner, met, pattern);
    }
  }
}

interface Reading {
  readonly reader: TaskNode;
  readonly maker: TaskNode;
  /** The more exact of the two paths that meet. */
  readonly path: PathPattern;
}

/** Nodes of a graph while it grows. */
export interface ReadsGraph {
  /** By name; undefined for one that cannot be made. */
  nodeOf(name: string): GraphNode | undefined;
  /** Uses of files in the graph as it was. */
  readonly uses: FileUses;
  /** Paths and globs that are no inputs of any task. */
  readonly ignored: readonly string[];
}

/** What comes of the check. */
export interface Reads {
  readonly problems: readonly Problem[];
  /** Tasks whose outputs a new task reads, without naming them as deps itself, by its name. */
  readonly makers: ReadonlyMap<string, readonly string[]>;
}

/**
 * A task names every task whose files it reads, or needs something that does: if not, nothing would
 * keep it from reading too early. Looks at declared paths only; what functions give is not known yet.
 */
export function checkReads(added: readonly GraphNode[], graph: ReadsGraph): Reads {
  if (graph.uses.isEmpty && areApart(added)) return { problems: [], makers: new Map() };
  const paths = new PathsToMakers(graph);
  const isIgnored = matcherOf(graph.ignored);
  const fresh = new FileUses();
  for (const node of added) if (node.kind === 'task') fresh.add(node);
  const problems = new Map<string, Problem>();
  const makers = new Map<string, Set<string>>();
  const judge = ({ reader, maker, path }: Reading): void => {
    if (reader.name === maker.name || isIgnored(path) || doesIgnore(reader, path)) return;
    const { deps } = graph.nodeOf(reader.name) ?? reader;
    if (deps.includes(maker.name)) return;
    if (paths.reaches(deps, maker)) {
      const known = makers.get(reader.name) ?? new Set<string>();
      makers.set(reader.name, known.add(maker.name));
    } else {
      const isCircle = paths.reaches(maker.deps, reader);
      const problem = isCircle ? circle(reader, maker, path) : missingEdge(reader, maker, path);
      problems.set(`${reader.name} ${maker.name}`, problem);
    }
  };
  for (const node of added) {
    if (node.kind !== 'task') continue;
    for (const reading of fresh.makersFor(node)) judge(reading);
    for (const reading of graph.uses.makersFor(node)) judge(reading);
    for (const reading of graph.uses.readersOf(node)) judge(reading);
  }
  return {
    problems: [...problems.values()],
    makers: new Map([...makers].map(([name, names]) => [name, [...names]])),
  };
}

/**
 * Whether one task needs another, however indirectly. A search goes no further than to nodes that are
 * as deep as what is searched for: in an ordinary graph it ends after a few steps.
 */
class PathsToMakers {
  readonly #graph: ReadsGraph;
  readonly #depths = new Map<string, number>();

  constructor(graph: ReadsGraph) {
    this.#graph = graph;
  }

  reaches(deps: readonly string[], to: GraphNode): boolean {
    const depth = this.#depthOf(to);
    const seen = new Set<string>();
    const pending = [...deps];
    for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
      if (name === to.name) return true;
      const node = this.#graph.nodeOf(name);
      if (node === undefined || seen.has(name)) continue;
      seen.add(name);
      if (this.#depthOf(node) > depth) pending.push(...node.deps);
    }
    return false;
  }

  /** The length of the longest way down; without recursion, since graphs are deep. */
  #depthOf(start: GraphNode): number {
    const pending = [start];
    for (let node = pending.at(-1); node !== undefined; node = pending.at(-1)) {
      let depth = 0;
      let isDone = true;
      for (const dep of this.#depths.has(node.name) ? [] : node.deps) {
        const known = this.#depths.get(dep);
        const below = known === undefined ? this.#graph.nodeOf(dep) : undefined;
        if (below !== undefined) {
          isDone = false;
          pending.push(below);
        } else depth = Math.max(depth, (known ?? 0) + 1);
      }
      if (!isDone) continue;
      pending.pop();
      if (!this.#depths.has(node.name)) this.#depths.set(node.name, depth);
    }
    return this.#depths.get(start.name) ?? 0;
  }
}

/**
 * Whether it can be told at a glance that no task reads what another makes: what is read and what is
 * made lie in different folders at the top, as in most projects.
 */
function areApart(nodes: readonly GraphNode[]): boolean {
  const made = newTops();
  const read = newTops();
  for (const node of nodes) {
    if (node.kind !== 'task') continue;
    for (const output of node.outputs) if (!noteTop(output, made)) return false;
    for (const input of node.inputs) {
      const path = typeof input === 'object' ? input.root : input;
      if (typeof path === 'string' && !noteTop(path, read)) return false;
    }
  }
  for (const top of made.all) if (read.all.has(top)) return false;
  return true;
}

/** First segments of paths. */
interface Tops {
  readonly all: Set<string>;
  /** The newest, with its slash. */
  last: string;
}

function newTops(): Tops {
  return { all: new Set(), last: '\0' };
}

/** Notes the first segment of a path; returns false if that is not plain to see. */
function noteTop(path: string, tops: Tops): boolean {
  if (path.includes('..')) return false;
  if (path.startsWith(tops.last)) return true;
  const top = plainTop.exec(path)?.[0];
  if (top === undefined) return false;
  tops.all.add(top);
  tops.last = `${top}/`;
  return true;
}

const plainTop = /^[\w@+-][\w@+.-]*(?=\/|$)/;

function* readingOf(
  reader: TaskNode,
  maker: TaskNode,
  met: Meeting<TaskNode>,
  pattern: PathPattern,
): Iterable<Reading> {
  const isMetMoreExact =
    met.pattern.fits === undefined &&
    (pattern.fits !== undefined || met.pattern.base.length > pattern.base.length);
  yield { reader, maker, path: isMetMoreExact ? met.pattern : pattern };
}

function* readsOf(node: TaskNode): Iterable<PathPattern> {
  for (const input of node.inputs) {
    if (typeof input === 'string') {
      if (!isNegation(input)) yield pathPatternOf(input);
    } else if (typeof input === 'object') {
      const { base } = pathPatternOf(input.root);
      const expression = new RegExp(input.source, input.flags);
      const before = base.length === 0 ? '' : `${base.join('/')}/`;
      const fits = (path: string): boolean =>
        path.startsWith(before) && expression.test(path.slice(before.length));
      yield { text: `${input.root} ${String(expression)}`, base, fits };
    }
  }
}

/** Whether a task leaves a path out of its inputs. */
function doesIgnore(reader: TaskNode, path: PathPattern): boolean {
  const negated = reader.inputs.flatMap((input) =>
    typeof input === 'string' && isNegation(input) ? [input.slice(1)] : [],
  );
  const ignored = reader.ignore.filter((each) => typeof each === 'string');
  // What a function leaves out is not known before the task is checked.
  return (
    reader.ignore.some((each) => typeof each !== 'string') ||
    matcherOf([...negated, ...ignored])(path)
  );
}

function matcherOf(texts: readonly string[]): (path: PathPattern) => boolean {
  if (texts.length === 0) return () => false;
  const all = texts.map(pathPatternOf);
  return ({ text, base }) =>
    all.some((each) => {
      if (each.text === text || each.fits?.(text) === true) return true;
      return each.fits === undefined && each.base.every((segment, at) => segment === base[at]);
    });
}

/** `!(a|b)` is a glob. */
function isNegation(path: string): boolean {
  return /^!(?!\()/.test(path);
}

function circle(reader: TaskNode, maker: TaskNode, { text }: PathPattern): Problem {
  return {
    code: 'dependency-cycle',
    text: `'${reader.name}' reads '${text}', which '${maker.name}' makes, and that depends on it: neither can come first.`,
    place: reader.definition.place,
    hint: `Let '${maker.name}' write to another file, or leave this one out with .ignore().`,
  };
}

function missingEdge(reader: TaskNode, maker: TaskNode, { text }: PathPattern): Problem {
  const { name } = maker;
  return {
    code: 'missing-dep-edge',
    text: `'${reader.name}' reads '${text}', which '${name}' makes, and does not depend on it.`,
    place: reader.definition.place,
    hint: `Write .deps('${name}') there ('${name}' is defined at ${placeText(maker.definition.place)}), or leave the file out with .ignore().`,
  };
}
