import type { Definition } from '../model/definition.ts';
import { DefinitionError, isUserError, type Problem } from '../model/errors.ts';
import type { GraphNode } from '../model/node.ts';
import type { Place } from '../model/place.ts';
import { checkOutputs } from './check-outputs.ts';
import { findCycle } from './find-cycle.ts';
import type { Catalog, Graph } from './graph.ts';
import { makeNode } from './make-node.ts';
import { type RawArgs, resolveName } from './resolve-name.ts';

/** What a request adds to a graph. */
export interface Growth {
  /** The full names that were asked for, globs expanded. */
  readonly wanted: readonly string[];
  /** Nodes that were not there before, in the order in which they were met. */
  readonly added: readonly GraphNode[];
}

/**
 * What `graph` lacks so that `names` can run: the tasks they stand for and all their deps.
 *
 * @throws DefinitionError with every problem of the request
 */
export function growGraph(graph: Graph, names: readonly string[], catalog: Catalog): Growth {
  const growth = new Growing(graph, catalog);
  const wanted = names.flatMap((name) => growth.resolve(name));
  growth.finish();
  return { wanted: [...new Set(wanted)], added: [...growth.added.values()] };
}

/** One request while it is being worked out; collects problems instead of stopping at the first. */
class Growing {
  readonly added: Map<string, GraphNode> = new Map();
  readonly #graph: Graph;
  readonly #catalog: Catalog;
  readonly #problems: Problem[] = [];
  readonly #queue: { definition: Definition; rawArgs: RawArgs; name: string }[] = [];
  readonly #seen = new Set<string>();

  constructor(graph: Graph, catalog: Catalog) {
    this.#graph = graph;
    this.#catalog = catalog;
  }

  /** The full names that `name` stands for; those not in the graph yet are queued. */
  resolve(name: string, askedBy?: Place): string[] {
    if (this.#graph.has(name) || this.#seen.has(name)) return [name];
    return resolveName(name, this.#catalog, askedBy).flatMap((resolved) => {
      if (resolved.kind === 'problem') {
        this.#problems.push(resolved.problem);
        return [];
      }
      if (!this.#graph.has(resolved.name) && !this.#seen.has(resolved.name)) {
        this.#seen.add(resolved.name);
        if (resolved.kind === 'task') this.#queue.push(resolved);
        else this.added.set(resolved.name, { kind: 'native', name: resolved.name, deps: [] });
      }
      return [resolved.name];
    });
  }

  finish(): void {
    for (let at = 0; at < this.#queue.length; at++) {
      const next = this.#queue[at];
      if (next !== undefined) this.#make(next.definition, next.rawArgs, next.name);
    }
    const all = (name: string): GraphNode | undefined =>
      this.added.get(name) ?? this.#graph.get(name);
    const cycle = findCycle([...this.added.keys()], (name) => all(name)?.deps ?? []);
    if (cycle !== undefined) this.#problems.push(cycleProblem(cycle, all));
    this.#problems.push(...checkOutputs(this.#graph.values(), this.added.values()));
    if (this.#problems.length > 0) throw new DefinitionError(withoutRepeats(this.#problems));
  }

  #make(definition: Definition, rawArgs: RawArgs, name: string): void {
    try {
      const { node, wantedDeps } = makeNode(definition, rawArgs, name);
      const deps = wantedDeps.flatMap((dep) => this.resolve(dep, definition.place));
      this.added.set(name, { ...node, deps: [...new Set(deps)] });
    } catch (error) {
      if (!isUserError(error)) throw error;
      this.#problems.push(...error.problems);
    }
  }
}

function cycleProblem(
  cycle: readonly string[],
  nodeOf: (name: string) => GraphNode | undefined,
): Problem {
  const first = nodeOf(cycle[0] ?? '');
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
