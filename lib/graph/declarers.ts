import type { Definition, ReverseDep } from '../model/definition.ts';
import type { RawArgs } from './definition-index.ts';

/**
 * Instances of definitions with reverse deps, by the values of the placeholders that they share
 * with the pattern of the reverse dep: whose values agree is found at once.
 */
export class Declarers {
  readonly #byReverse = new Map<ReverseDep, Map<string, string[]>>();

  add(definition: Definition, rawArgs: RawArgs, name: string): void {
    for (const reverse of definition.rdeps) {
      if (reverse.kind === 'when-scheduled') continue;
      const byValues = this.#byReverse.get(reverse) ?? new Map<string, string[]>();
      this.#byReverse.set(reverse, byValues);
      const key = keyOf(definition, reverse, rawArgs);
      const before = byValues.get(key);
      if (before === undefined) byValues.set(key, [name]);
      else before.push(name);
    }
  }

  /** The instances that agree with `values` in every placeholder they share. */
  agreeing(definition: Definition, reverse: ReverseDep, values: RawArgs): readonly string[] {
    return this.#byReverse.get(reverse)?.get(keyOf(definition, reverse, values)) ?? [];
  }
}

function keyOf(definition: Definition, reverse: ReverseDep, values: RawArgs): string {
  const shared = definition.pattern.placeholders.filter((name) =>
    reverse.pattern.placeholders.includes(name),
  );
  return shared.map((name) => (Object.hasOwn(values, name) ? values[name] : '')).join('\0');
}
