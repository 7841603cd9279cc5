import type { Problem } from '../model/errors.ts';
import type { Pattern } from '../model/pattern.ts';
import type { Catalog } from './graph.ts';
import { similarName } from './similar-name.ts';

/**
 * What is wrong with a name that stands for nothing. Looks at every definition: this is for errors.
 *
 * @param neededBy The task whose dep it is, if it is one.
 */
export function unknownName(name: string, catalog: Catalog, neededBy?: string): Problem {
  const incomplete = unfilled(name, catalog);
  if (incomplete !== undefined) return incomplete;
  const near = similarName(name, catalog);
  const hint =
    near === undefined ? '`gulp --tasks` lists what there is.' : `Did you mean '${near}'?`;
  return unknown(name, neededBy, hint);
}

/** The same in short, without a hint that would cost a look at every definition. */
export function unknownBriefly(name: string, neededBy?: string): Problem {
  return unknown(name, neededBy, '`gulp --tasks` lists what there is.');
}

/** `missing-argument`: some placeholders of a pattern have no value. */
export function missingArgument(name: string, pattern: Pattern, missing: string[]): Problem {
  return {
    code: 'missing-argument',
    text: `'${name}' leaves out ${missing.map((each) => `[${each}]`).join(' and ')} of '${pattern.text}'.`,
    hint: `Fill every placeholder, or write '*' for all choices.`,
  };
}

function unknown(name: string, neededBy: string | undefined, hint: string): Problem {
  if (neededBy === undefined) {
    return { code: 'unknown-task', text: `'${name}' matches no task.`, hint };
  }
  return {
    code: 'unknown-task',
    text: `'${neededBy}' depends on '${name}', which does not exist: it matches no task.`,
    hint: `${hint} With the option allowMissingDeps: true only '${neededBy}' would fail.`,
  };
}

/** `missing-argument` if `name` is the beginning of a proto, or one with an argument left empty. */
function unfilled(name: string, catalog: Catalog): Problem | undefined {
  const parts = name.split(catalog.separator);
  if (parts[0] === '') return undefined;
  for (const { pattern } of catalog.definitions.values()) {
    const missing = pattern.placeholders.length === 0 ? [] : leftOut(parts, pattern);
    if (missing.length > 0) return missingArgument(name, pattern, missing);
  }
  return undefined;
}

/** The placeholders without a value; none if the name does not even begin like the pattern. */
function leftOut(parts: readonly string[], { segments }: Pattern): string[] {
  const last = segments.at(-1);
  const hasRest = last?.kind === 'placeholder' && last.rest;
  if (parts.length > segments.length && !hasRest) return [];
  const missing: string[] = [];
  for (const [index, segment] of segments.entries()) {
    const part = parts[index] ?? '';
    if (segment.kind === 'literal') {
      if (part !== segment.text && part !== '') return [];
      continue;
    }
    const isBroken = segment.rest && parts.slice(index).includes('');
    if (isBroken || part === '' || part === segment.prefix || part.startsWith('[')) {
      missing.push(segment.name);
    } else if (!part.startsWith(segment.prefix)) return [];
  }
  return missing;
}
