import type { ChoiceMemo } from '../model/cast-args.ts';
import type { Definition } from '../model/definition.ts';
import { isUserError, type Problem } from '../model/errors.ts';
import { isGlob } from '../model/pattern.ts';
import type { RawArgs } from './definition-index.ts';
import type { Catalog, Graph } from './graph.ts';
import { type GraphIndex, indexOf } from './graph-index.ts';
import { computesDeps, makeNode, type Surroundings } from './make-node.ts';
import { type Resolved, resolveName } from './resolve-name.ts';
import { addDep, type OtherSprout, type Pull, type Sprout, type TaskSprout } from './sprout.ts';
import { unknownBriefly, unknownName } from './unknown-name.ts';

/** Hints look at all definitions; whoever has so many unknown names made one mistake only. */
const maxHints = 10;

/** One request while it is being worked out; collects problems instead of stopping at the first. */
export class Growing {
  readonly graph: Graph;
  readonly index: GraphIndex;
  readonly catalog: Catalog;
  readonly hasBegun: (name: string) => boolean;
  /** By name, in the order in which they were met. */
  readonly sprouts: Map<string, Sprout> = new Map();
  readonly wanted: Set<string> = new Set();
  readonly problems: Problem[] = [];
  /** Edges to new nodes from nodes of the graph, by these. */
  readonly injected: Map<string, Set<string>> = new Map();
  readonly memo: ChoiceMemo = new Map();
  /** What functions in `.deps()` have given with the rest, by the name of the task. */
  readonly given: Map<string, readonly string[]> = new Map();
  /** Whether there is nothing in the graph yet. */
  readonly #isFirst: boolean;
  readonly #surroundings: Surroundings;
  readonly #globs = new Map<string, readonly string[]>();
  #hintCount = 0;

  constructor(graph: Graph, catalog: Catalog, hasBegun: (name: string) => boolean) {
    this.graph = graph;
    this.#isFirst = graph.size === 0;
    this.index = indexOf(graph);
    this.catalog = catalog;
    this.hasBegun = hasBegun;
    this.#surroundings = { params: catalog.params, memo: this.memo };
  }

  has(name: string): boolean {
    return this.sprouts.has(name) || (!this.#isFirst && this.graph.has(name));
  }

  /** Wants what `name` stands for, and says which tasks those are. */
  want(name: string, askedBy?: Definition): readonly string[] {
    const names = this.#isMissing(name)
      ? this.#namesOf(resolveName(name, this.catalog, this.memo), askedBy)
      : this.#find(name, askedBy);
    for (const each of names) this.wanted.add(each);
    return names;
  }

  /** Adds the task, if a node of that name is not there yet. */
  include(task: {
    readonly definition: Definition;
    readonly rawArgs: RawArgs;
    readonly name: string;
    readonly pulledBy?: Pull | undefined;
  }): void {
    const { definition, rawArgs, name, pulledBy } = task;
    if (this.has(name)) return;
    this.sprouts.set(name, {
      kind: 'task',
      name,
      deps: [],
      depSet: undefined,
      visit: 'new',
      definition,
      rawArgs,
      pulledBy,
      node: undefined,
      made: undefined,
      wave: 0,
    });
  }

  /** Fills the definition of a sprout, and adds its deps. */
  make(sprout: TaskSprout): void {
    const { definition, rawArgs, name } = sprout;
    try {
      const { node, wantedDeps } = makeNode(definition, rawArgs, name, this.#surroundings);
      sprout.node = node;
      if (computesDeps(definition)) this.given.set(name, wantedDeps);
      for (const wanted of wantedDeps) {
        if (this.has(wanted)) addDep(sprout, wanted);
        else for (const dep of this.#find(wanted, definition, name)) addDep(sprout, dep);
      }
    } catch (error) {
      this.#keepProblems(error);
    }
  }

  /** Calls `work`; the problems that it throws are kept. */
  collecting(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#keepProblems(error);
    }
  }

  #keepProblems(error: unknown): void {
    if (!isUserError(error)) throw error;
    for (const problem of error.problems) this.problems.push(problem);
  }

  /** The names that `name` stands for; those that are not there yet are added. */
  #find(name: string, askedBy?: Definition, neededBy?: string): readonly string[] {
    if (this.has(name)) return [name];
    const isMany = isGlob(name);
    const before = isMany ? this.#globs.get(name) : undefined;
    if (before !== undefined) return before;
    const found = this.#namesOf(resolveName(name, this.catalog, this.memo), askedBy, neededBy);
    if (isMany) this.#globs.set(name, found);
    return found;
  }

  #namesOf(
    resolved: readonly Resolved[],
    askedBy?: Definition,
    neededBy?: string,
  ): readonly string[] {
    const [only] = resolved;
    if (only === undefined || resolved.length > 1) {
      return resolved.flatMap((each) => this.#nameOf(each, askedBy, neededBy) ?? []);
    }
    const name = this.#nameOf(only, askedBy, neededBy);
    return name === undefined ? [] : [name];
  }

  /** Adds what a name stands for; undefined if it stands for nothing. */
  #nameOf(each: Resolved, askedBy?: Definition, neededBy?: string): string | undefined {
    if (each.kind === 'problem') {
      this.problems.push({ ...each.problem, place: each.problem.place ?? askedBy?.place });
      return undefined;
    }
    if (each.kind === 'unknown' && !this.#addMissing(each.name, askedBy, neededBy)) {
      return undefined;
    }
    if (each.kind === 'task') this.include(each);
    if (each.kind === 'native') this.#addOther('native', each.name);
    return each.name;
  }

  /** Only deps may be missing, and only where that is allowed; else it is a problem. */
  #addMissing(name: string, askedBy?: Definition, neededBy?: string): boolean {
    if (this.catalog.allowMissingDeps && neededBy !== undefined) {
      this.#addOther('missing', name);
      return true;
    }
    const problem =
      this.#hintCount++ < maxHints
        ? unknownName(name, this.catalog, neededBy)
        : unknownBriefly(name, neededBy);
    this.problems.push({ ...problem, place: askedBy?.place });
    return false;
  }

  #addOther(kind: OtherSprout['kind'], name: string): void {
    if (!this.has(name))
      this.sprouts.set(name, {
        kind,
        name,
        deps: [],
        depSet: undefined,
        made: undefined,
        visit: 'new',
      });
  }

  #isMissing(name: string): boolean {
    return (this.sprouts.get(name) ?? this.graph.get(name))?.kind === 'missing';
  }
}
