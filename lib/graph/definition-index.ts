import type { Definition, ReverseDep } from '../model/definition.ts';
import { PatternTrie, type TrieMatch } from './pattern-trie.ts';

/** Values of placeholders as they stand in a name. */
export type RawArgs = Readonly<Record<string, string>>;

/** A proto whose pattern a name fits. */
export interface DefinitionMatch {
  readonly definition: Definition;
  readonly rawArgs: RawArgs;
}

/** A definition that wants to go before the tasks of a name. */
export interface ReverseDepMatch {
  readonly definition: Definition;
  readonly reverse: ReverseDep;
  /** What the placeholders of the reverse dep's pattern stand for. */
  readonly values: Readonly<Record<string, string>>;
}

/**
 * Finds definitions by the names that they fit. Grows by one definition at a time, and is asked in
 * time that does not depend on how many there are.
 */
export class DefinitionIndex {
  readonly #protos = new PatternTrie<Definition>();
  readonly #reverseDeps = new PatternTrie<{ definition: Definition; reverse: ReverseDep }>();

  /** Takes in a definition; no name may be taken in twice. */
  add(definition: Definition): void {
    if (definition.pattern.placeholders.length > 0) {
      this.#protos.add(definition.pattern, definition);
    }
    for (const reverse of definition.rdeps) {
      this.#reverseDeps.add(reverse.pattern, { definition, reverse });
    }
  }

  /** The protos whose pattern `name` fits. Plain tasks are looked up by their name elsewhere. */
  matches(name: string): readonly DefinitionMatch[] {
    const matches = this.#protos.matches(name);
    const [only] = matches;
    if (only !== undefined && matches.length === 1) return [matchOf(only)];
    return matches.map(matchOf);
  }

  /** Every reverse dep, of any kind, whose pattern `name` fits. */
  reverseDepsOf(name: string): readonly ReverseDepMatch[] {
    const matches = this.#reverseDeps.matches(name);
    if (matches.length === 0) return none;
    return matches.map(({ item, values }) => ({
      definition: item.definition,
      reverse: item.reverse,
      values,
    }));
  }
}

const none: readonly never[] = [];

function matchOf({ item, values }: TrieMatch<Definition>): DefinitionMatch {
  return { definition: item, rawArgs: values };
}
