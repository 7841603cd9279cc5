import { inspect, isDeepStrictEqual } from 'node:util';
import { castArgs } from './cast-args.ts';
import type { Definition } from './definition.ts';
import { DefinitionError, type Problem } from './errors.ts';
import { fillPattern } from './pattern.ts';

type Owner = Pick<Definition, 'name' | 'pattern' | 'args' | 'defaults' | 'place'>;

/**
 * The full name of one task of a proto.
 *
 * @param given Values of the arguments; what is left out is filled from `.defaults()`.
 * @throws DefinitionError `missing-argument`, `argument-not-a-choice`, `argument-invalid`
 */
export function instanceName(owner: Owner, given: Readonly<Record<string, unknown>>): string {
  const values = valuesOf(owner, given);
  const raw: Record<string, string> = {};
  for (const [name, value] of values) raw[name] = String(value);
  const cast = castArgs(owner, raw);
  const problems = [...values].flatMap(([name, value]) =>
    isSame(value, cast[name]) ? [] : [lost(owner, name, value, cast[name])],
  );
  if (problems.length > 0) throw new DefinitionError(problems);
  return fillPattern(owner.pattern, raw);
}

/** A value for every placeholder. */
function valuesOf(
  { name: proto, pattern, defaults, place }: Owner,
  given: Readonly<Record<string, unknown>>,
): Map<string, unknown> {
  const values = new Map<string, unknown>();
  const problems: Problem[] = [];
  const stray = Object.keys(given).find((name) => !pattern.placeholders.includes(name));
  if (stray !== undefined) {
    const text = `'${proto}' has no argument [${stray}].`;
    problems.push({ code: 'argument-invalid', text, place });
  }
  for (const name of pattern.placeholders) {
    const value = (Object.hasOwn(given, name) ? given[name] : undefined) ?? defaults.get(name);
    if (value === undefined) {
      const text = `'${proto}' needs a value for [${name}].`;
      problems.push({ code: 'missing-argument', text, place });
    } else values.set(name, value);
  }
  if (problems.length > 0) throw new DefinitionError(problems);
  return values;
}

/** Whether the text in the name brings back the value that was given; a text is what it is. */
function isSame(given: unknown, cast: unknown): boolean {
  if (typeof given === 'string' || isDeepStrictEqual(given, cast)) return true;
  return typeof given !== 'object' && String(given) === String(cast);
}

function lost({ name, place }: Owner, argument: string, given: unknown, cast: unknown): Problem {
  return {
    code: 'argument-invalid',
    text: `${inspect(given)} for [${argument}] of '${name}' would come back as ${inspect(cast)}.`,
    place,
    hint: 'Write the full name instead, with the text from which the value is made.',
  };
}
