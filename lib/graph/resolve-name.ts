import { choicesOf } from '../model/cast-args.ts';
import type { Definition } from '../model/definition.ts';
import type { Problem } from '../model/errors.ts';
import { fillPattern, isGlob, literalCount, matchPattern } from '../model/pattern.ts';
import { type Place, placeText } from '../model/place.ts';
import type { Catalog } from './graph.ts';
import { similarName } from './similar-name.ts';

/** What a requested name stands for. */
export type Resolved =
  | { readonly kind: 'native'; readonly name: string }
  | {
      readonly kind: 'task';
      readonly definition: Definition;
      readonly rawArgs: RawArgs;
      readonly name: string;
    }
  | { readonly kind: 'problem'; readonly problem: Problem };

/** Values of placeholders as they stand in a name. */
export type RawArgs = Readonly<Record<string, string>>;

/**
 * The tasks that `name` stands for: several if it holds globs. A literal name beats a pattern, and
 * of two patterns the one with more literal segments wins.
 *
 * @param askedBy Where the name was written, for errors; undefined for the command line.
 */
export function resolveName(name: string, catalog: Catalog, askedBy?: Place): Resolved[] {
  const literal = catalog.definitions.get(name);
  if (literal !== undefined && literal.pattern.placeholders.length === 0) {
    return [{ kind: 'task', definition: literal, rawArgs: {}, name }];
  }
  if (catalog.nativeNames.has(name)) return [{ kind: 'native', name }];
  const matches = bestMatches(name, catalog);
  const [best, ...others] = matches;
  if (best === undefined) return [problem(missOf(name, catalog), askedBy)];
  if (others.length > 0) return [problem(ambiguous(name, matches), askedBy)];
  if (!isGlob(name)) {
    return [{ kind: 'task', definition: best.definition, rawArgs: best.rawArgs, name }];
  }
  return expand(name, best, askedBy);
}

interface Match {
  readonly definition: Definition;
  readonly rawArgs: RawArgs;
}

function bestMatches(name: string, catalog: Catalog): Match[] {
  let best: Match[] = [];
  let most = -1;
  for (const definition of catalog.definitions.values()) {
    if (definition.pattern.placeholders.length === 0) continue;
    const rawArgs = matchPattern(definition.pattern, name);
    if (rawArgs === undefined) continue;
    const count = literalCount(definition.pattern);
    if (count > most) best = [];
    if (count >= most) best.push({ definition, rawArgs });
    most = Math.max(most, count);
  }
  return best;
}

/** All names that the globs in `match` stand for, the first placeholder varying slowest. */
function expand(name: string, match: Match, askedBy: Place | undefined): Resolved[] {
  const { definition, rawArgs } = match;
  let rows: Record<string, string>[] = [{}];
  for (const argument of definition.pattern.placeholders) {
    const raw = rawArgs[argument] ?? '';
    const values = isGlob(raw) ? choicesFor(definition, argument, raw) : [raw];
    if (!Array.isArray(values)) return [problem(values, askedBy)];
    rows = rows.flatMap((row) => values.map((value) => ({ ...row, [argument]: value })));
  }
  return rows.map((row) => {
    const full = fillPattern(definition.pattern, row);
    return { kind: 'task', definition, rawArgs: row, name: full };
  });

  function choicesFor(of: Definition, argument: string, glob: string): string[] | Problem {
    const choices = choicesOf(of.args.get(argument))?.map(String);
    if (choices === undefined) {
      return {
        code: 'glob-without-choices',
        text: `'${name}' has a glob for [${argument}], but '${of.name}' lists no choices for it.`,
        hint: `List them: .args({ ${argument}: ['...'] }) at ${placeText(of.place)}.`,
      };
    }
    const fitting = choices.filter((choice) => globFits(glob, choice));
    if (fitting.length > 0) return fitting;
    const text = `'${glob}' in '${name}' fits no choice of [${argument}].`;
    return { code: 'no-match', text, hint: `Allowed choices are ${choices.join(', ')}.` };
  }
}

/** Whether `text` fits a glob of `*` and `?`; linear but for one step back to the last `*`. */
function globFits(glob: string, text: string): boolean {
  let g = 0;
  let star = -1;
  let resumeAt = 0;
  let t = 0;
  while (t < text.length) {
    if (glob[g] === '*') {
      star = g++;
      resumeAt = t;
    } else if (glob[g] === '?' || glob[g] === text[t]) {
      g++;
      t++;
    } else if (star >= 0) {
      g = star + 1;
      t = ++resumeAt;
    } else return false;
  }
  while (glob[g] === '*') g++;
  return g === glob.length;
}

function missOf(name: string, catalog: Catalog): Problem {
  const incomplete = unfilled(name, catalog);
  if (incomplete !== undefined) return incomplete;
  const near = similarName(name, catalog);
  const hint =
    near === undefined ? '`gulp --tasks` lists what there is.' : `Did you mean '${near}'?`;
  return { code: 'unknown-task', text: `'${name}' matches no task.`, hint };
}

/** `missing-argument` if `name` is the beginning of a proto, or one with an argument left empty. */
function unfilled(name: string, catalog: Catalog): Problem | undefined {
  const parts = name.split(catalog.separator);
  for (const { pattern } of catalog.definitions.values()) {
    if (pattern.placeholders.length === 0 || parts.length > pattern.segments.length) continue;
    const missing = pattern.segments.flatMap((segment, index) => {
      const part = parts[index] ?? '';
      if (segment.kind === 'literal') return part === segment.text || part === '' ? [] : [null];
      if (part === '' || part === segment.prefix || part.startsWith('[')) return [segment.name];
      return part.startsWith(segment.prefix) ? [] : [null];
    });
    if (missing.includes(null) || missing.length === 0 || parts[0] === '') continue;
    return {
      code: 'missing-argument',
      text: `'${name}' leaves out ${missing.map((each) => `[${each}]`).join(' and ')} of '${pattern.text}'.`,
      hint: `Fill every placeholder, or write '*' for all choices.`,
    };
  }
  return undefined;
}

function ambiguous(name: string, matches: readonly Match[]): Problem {
  const names = matches.map(({ definition }) => `'${definition.name}'`).join(' and ');
  return {
    code: 'ambiguous-proto',
    text: `'${name}' matches ${names} equally well.`,
    hint: 'Give one of them a literal segment more.',
  };
}

function problem(what: Problem, place: Place | undefined): Resolved {
  return { kind: 'problem', problem: { ...what, place } };
}
