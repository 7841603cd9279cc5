import {
  type ChoiceMemo,
  type ChoiceTable,
  choiceTableOf,
  shownChoices,
} from '../model/cast-args.ts';
import type { Definition } from '../model/definition.ts';
import { isUserError, type Problem } from '../model/errors.ts';
import { fillPattern, isGlob, literalCount } from '../model/pattern.ts';
import { placeText } from '../model/place.ts';
import type { DefinitionMatch, RawArgs } from './definition-index.ts';
import type { Catalog } from './graph.ts';
import { maxTasks } from './task-limit.ts';
import { missingArgument } from './unknown-name.ts';

/** A task that a name stands for. */
export interface ResolvedTask {
  readonly kind: 'task';
  readonly definition: Definition;
  readonly rawArgs: RawArgs;
  readonly name: string;
}

/** What a name stands for. `unknown` says nothing about why: see `unknownName`. */
export type Resolved =
  | ResolvedTask
  | { readonly kind: 'native'; readonly name: string }
  | { readonly kind: 'unknown'; readonly name: string }
  | { readonly kind: 'problem'; readonly problem: Problem };

const noArgs: RawArgs = Object.freeze({});

/**
 * The tasks that `name` stands for: several if it holds globs. An instance made by hand comes
 * first, then a literal name, then a task of gulp's, then patterns; of two patterns the one with
 * more literal segments wins.
 */
export function resolveName(name: string, catalog: Catalog, memo: ChoiceMemo): readonly Resolved[] {
  const instance = catalog.instances.get(name);
  if (instance !== undefined) return [{ kind: 'task', name, ...instance }];
  const literal = catalog.definitions.get(name);
  if (literal !== undefined && literal.pattern.placeholders.length === 0) {
    return [{ kind: 'task', definition: literal, rawArgs: noArgs, name }];
  }
  if (catalog.nativeNames.has(name)) return [{ kind: 'native', name }];
  const matches = bestMatches(catalog.index.matches(name));
  const [best] = matches;
  if (best === undefined) return [{ kind: 'unknown', name }];
  if (matches.length > 1) return [{ kind: 'problem', problem: ambiguous(name, matches) }];
  const { pattern } = best.definition;
  const unfilled = name.includes('[')
    ? pattern.placeholders.filter((each) => best.rawArgs[each] === `[${each}]`)
    : [];
  if (unfilled.length > 0) {
    return [{ kind: 'problem', problem: missingArgument(name, pattern, unfilled) }];
  }
  if (!isGlob(name)) {
    return [{ kind: 'task', definition: best.definition, rawArgs: best.rawArgs, name }];
  }
  return expand(name, best, memo);
}

function bestMatches(matches: readonly DefinitionMatch[]): readonly DefinitionMatch[] {
  if (matches.length < 2) return matches;
  let best: DefinitionMatch[] = [];
  let most = -1;
  for (const match of matches) {
    const count = literalCount(match.definition.pattern);
    if (count > most) best = [];
    if (count >= most) best.push(match);
    most = Math.max(most, count);
  }
  return best;
}

/** All names that the globs in `match` stand for, the first placeholder varying slowest. */
function expand(
  name: string,
  { definition, rawArgs }: DefinitionMatch,
  memo: ChoiceMemo,
): Resolved[] {
  let rows: Record<string, string>[] = [{}];
  for (const argument of definition.pattern.placeholders) {
    const raw = rawArgs[argument] ?? '';
    const values = isGlob(raw) ? choicesFor(name, definition, argument, raw, memo) : [raw];
    if (!Array.isArray(values)) return [{ kind: 'problem', problem: values }];
    if (rows.length * values.length > maxTasks) {
      return [{ kind: 'problem', problem: tooMany(name, definition) }];
    }
    rows = rows.flatMap((row) => values.map((value) => ({ ...row, [argument]: value })));
  }
  return rows.map((row) => {
    const full = fillPattern(definition.pattern, row);
    return { kind: 'task', definition, rawArgs: row, name: full };
  });
}

function tooMany(name: string, definition: Definition): Problem {
  return {
    code: 'invalid-option',
    text: `'${name}' stands for more than ${maxTasks} tasks of '${definition.name}'.`,
    hint: 'Write some of the arguments out, or list fewer choices.',
  };
}

function choicesFor(
  name: string,
  definition: Definition,
  argument: string,
  glob: string,
  memo: ChoiceMemo,
): string[] | Problem {
  let choices: ChoiceTable | undefined;
  try {
    choices = choiceTableOf(definition, argument, memo);
  } catch (error) {
    const problem = isUserError(error) ? error.problems[0] : undefined;
    if (problem === undefined) throw error;
    return problem;
  }
  if (choices === undefined) {
    return {
      code: 'glob-without-choices',
      text: `'${name}' has a glob for [${argument}], but '${definition.name}' lists no choices for it.`,
      hint: `List them: .args({ ${argument}: ['...'] }) at ${placeText(definition.place)}.`,
    };
  }
  const fitting = [...choices.keys()].filter((choice) => globFits(glob, choice));
  if (fitting.length > 0) return fitting;
  const text = `'${glob}' in '${name}' fits no choice of [${argument}].`;
  return { code: 'no-match', text, hint: `Allowed choices are ${shownChoices(choices)}.` };
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

function ambiguous(name: string, matches: readonly DefinitionMatch[]): Problem {
  const names = matches.map(({ definition }) => `'${definition.name}'`).join(' and ');
  return {
    code: 'ambiguous-proto',
    text: `'${name}' matches ${names} equally well.`,
    hint: 'Give one of them a literal segment more.',
  };
}
