import { castArgs } from './cast-args.ts';
import type { Definition } from './definition.ts';
import { DefinitionError, type Problem } from './errors.ts';
import { fillPattern } from './pattern.ts';

/**
 * The full name of one task of a proto.
 *
 * @param given Values of the arguments; what is left out is filled from `.defaults()`.
 * @throws DefinitionError `missing-argument`, `argument-not-a-choice`, `argument-invalid`
 */
export function instanceName(
  definition: Pick<Definition, 'name' | 'pattern' | 'args' | 'defaults' | 'place'>,
  given: Readonly<Record<string, unknown>>,
): string {
  const { pattern, defaults, place } = definition;
  const raw: Record<string, string> = {};
  const problems: Problem[] = [];
  const stray = Object.keys(given).find((name) => !pattern.placeholders.includes(name));
  if (stray !== undefined) {
    const text = `'${definition.name}' has no argument [${stray}].`;
    problems.push({ code: 'argument-invalid', text, place });
  }
  for (const name of pattern.placeholders) {
    const value = (Object.hasOwn(given, name) ? given[name] : undefined) ?? defaults.get(name);
    if (value === undefined) {
      const text = `'${definition.name}' needs a value for [${name}].`;
      problems.push({ code: 'missing-argument', text, place });
    } else raw[name] = String(value);
  }
  if (problems.length > 0) throw new DefinitionError(problems);
  castArgs(definition, raw);
  return fillPattern(pattern, raw);
}
