import type { ChoiceMemo } from '../model/cast-args.ts';
import { DefinitionError, isUserError, type Problem } from '../model/errors.ts';
import { parsePattern } from '../model/pattern.ts';
import type { Place } from '../model/place.ts';
import type { Catalog, Instance } from './graph.ts';
import { makeNode } from './make-node.ts';
import { type ResolvedTask, resolveName } from './resolve-name.ts';
import { refuseEndless } from './task-limit.ts';
import { unknownName } from './unknown-name.ts';

/** Tasks that were made known. */
export interface Creation {
  /** The full names that were asked for: several for a glob. */
  readonly names: readonly string[];
  /** All that is new, deps included, by full name. */
  readonly instances: ReadonlyMap<string, Instance>;
}

/**
 * The tasks that `name` stands for, with their deps, checked as for a run; nothing is wanted by it.
 *
 * @param as Another name for the one task that `name` stands for.
 * @throws DefinitionError with every problem
 */
export function createInstances(name: string, as: string | undefined, catalog: Catalog): Creation {
  const creating = new Creating(catalog);
  const names = as === undefined ? creating.take(name) : creating.takeAs(name, as);
  creating.followDeps();
  if (creating.problems.length > 0) throw new DefinitionError(creating.problems);
  return { names, instances: creating.instances };
}

class Creating {
  readonly instances: Map<string, Instance> = new Map();
  readonly problems: Problem[] = [];
  readonly #catalog: Catalog;
  readonly #memo: ChoiceMemo = new Map();

  constructor(catalog: Catalog) {
    this.#catalog = catalog;
  }

  /** The full names that `name` stands for; new ones are taken in. */
  take(name: string, neededBy?: { readonly name: string; readonly place: Place }): string[] {
    return resolveName(name, this.#catalog, this.#memo).flatMap((resolved) => {
      const place = neededBy?.place;
      if (resolved.kind === 'problem') {
        this.problems.push({ ...resolved.problem, place });
        return [];
      }
      if (resolved.kind === 'unknown') {
        // A dep may be defined later: only a run needs it.
        if (neededBy !== undefined) return [];
        this.problems.push(unknownName(name, this.#catalog));
        return [];
      }
      if (resolved.kind === 'task') this.#add(resolved.name, resolved);
      return [resolved.name];
    });
  }

  takeAs(name: string, as: string): string[] {
    const [found, ...others] = resolveName(name, this.#catalog, this.#memo);
    if (found?.kind !== 'task') return this.take(name);
    parsePattern(as, this.#catalog.separator);
    const taken = this.#whoHas(as);
    if (others.length > 0) {
      this.problems.push({
        code: 'invalid-name',
        text: `'${name}' stands for ${others.length + 1} tasks, which cannot all be named '${as}'.`,
        hint: 'Create them one by one, or without a name of their own.',
      });
    } else if (taken !== undefined && !isSame(taken, found)) {
      const text = `A task '${as}' exists already.`;
      this.problems.push({ code: 'duplicate-task', text, hint: 'Choose another name.' });
    } else this.#add(as, found);
    return [as];
  }

  followDeps(): void {
    // The map grows on the way, and its iterator with it.
    for (const [name, { definition, rawArgs }] of this.instances) {
      refuseEndless(this.instances.size, name, definition);
      try {
        const surroundings = { params: this.#catalog.params, memo: this.#memo };
        const { wantedDeps } = makeNode(definition, rawArgs, name, surroundings);
        for (const dep of wantedDeps) this.take(dep, { name, place: definition.place });
      } catch (error) {
        if (!isUserError(error)) throw error;
        this.problems.push(...error.problems);
      }
    }
  }

  #whoHas(name: string): Instance | 'taken' | undefined {
    const instance = this.#catalog.instances.get(name);
    if (instance !== undefined) return instance;
    const isTaken = this.#catalog.definitions.has(name) || this.#catalog.nativeNames.has(name);
    return isTaken ? 'taken' : undefined;
  }

  #add(name: string, { definition, rawArgs }: Instance): void {
    if (!this.#catalog.instances.has(name)) this.instances.set(name, { definition, rawArgs });
  }
}

function isSame(taken: Instance | 'taken', found: ResolvedTask): boolean {
  if (taken === 'taken' || taken.definition !== found.definition) return false;
  return Object.entries(found.rawArgs).every(([name, raw]) => taken.rawArgs[name] === raw);
}
