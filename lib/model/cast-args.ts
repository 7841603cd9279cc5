import { inspect, types } from 'node:util';
import type { ArgSpec, ArgValues, Choice, Definition, StandardSchema } from './definition.ts';
import { DefinitionError, type Problem } from './errors.ts';

const plainValue = /^(?!\.)[\w.@+-]+$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not get in
const neverInValue = /[*?\u0000-\u001f\u007f]/;
/** So short that it is exact, and nothing in it that a separator could be. */
const plainNumber = /^\d{1,15}$/;
const truthy = new Set(['true', '1', 'yes', 'on']);
const falsy = new Set(['false', '0', 'no', 'off']);

type Cast =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly code: Problem['code']; readonly text: string };

const noArgs: ArgValues = Object.freeze({});

/** The part of a definition that its arguments hang on. */
export type ArgOwner = Pick<Definition, 'name' | 'pattern' | 'args' | 'place'>;

/** The allowed values of an argument by their text in a name, in the order in which they are listed. */
export type ChoiceTable = ReadonlyMap<string, Choice>;

/** What functions in `.args()` gave, so that one use of a definition calls each once. */
export type ChoiceMemo = Map<ArgSpec, ChoiceTable>;

/**
 * The arguments of an instance, cast to what `.args()` says of them. Names are not rewritten: the
 * instance keeps the text that it was asked for.
 *
 * @param rawArgs The values of all placeholders as they stand in the name.
 * @param memo Shared by all calls for which a function in `.args()` shall be called only once.
 * @throws DefinitionError `argument-not-a-choice` or `argument-invalid`, with every wrong argument;
 *   `invalid-option` if `.args()` itself is wrong.
 */
export function castArgs(
  definition: ArgOwner,
  rawArgs: Readonly<Record<string, string>>,
  memo?: ChoiceMemo,
): ArgValues {
  const { placeholders } = definition.pattern;
  if (placeholders.length === 0) return noArgs;
  const values: Record<string, unknown> = {};
  let problems: Problem[] | undefined;
  // By numbers: an iterator for each of thousands of tasks is much of the garbage of a run with nothing to do.
  for (let index = 0; index < placeholders.length; index++) {
    const name = placeholders[index] ?? '';
    const raw = Object.hasOwn(rawArgs, name) ? (rawArgs[name] ?? '') : '';
    if (definition.args.get(name) === Number && plainNumber.test(raw)) {
      values[name] = Number(raw);
      continue;
    }
    const cast = castArg(definition, name, raw, memo);
    if (cast.ok) values[name] = cast.value;
    else {
      problems ??= [];
      const text = `${inspect(raw)} is no [${name}] of '${definition.name}': ${cast.text}`;
      problems.push({ code: cast.code, text, place: definition.place });
    }
  }
  if (problems !== undefined) throw new DefinitionError(problems);
  return Object.freeze(values);
}

/** Whether an argument can be limited to `spec`. What a function gives is judged when it is called. */
export function isArgSpec(spec: unknown): spec is ArgSpec {
  if (typeof spec === 'function' || Array.isArray(spec) || isSchema(spec)) return true;
  return (
    typeof spec === 'object' && spec !== null && 'pattern' in spec && types.isRegExp(spec.pattern)
  );
}

/** The allowed values, where the spec lists them. */
export function choicesOf(spec: ArgSpec | undefined): readonly Choice[] | undefined {
  if (Array.isArray(spec)) return spec as readonly Choice[];
  if (typeof spec === 'function' && !isConstructor(spec) && !isSchema(spec)) return spec();
  return undefined;
}

/**
 * The allowed values of one argument, checked; undefined if it lists none.
 *
 * @throws DefinitionError `invalid-option` if the list, or what a function gave as one, is none.
 */
export function choiceTableOf(
  owner: ArgOwner,
  argument: string,
  memo?: ChoiceMemo,
): ChoiceTable | undefined {
  const spec = owner.args.get(argument);
  if (spec === undefined || isConstructor(spec)) return undefined;
  const table = memo?.get(spec) ?? known(spec) ?? newTable(owner, argument, spec, memo);
  if (table !== undefined) refuseSeparators(owner, argument, table);
  return table;
}

const tables = new WeakMap<object, { readonly length: number; readonly table: ChoiceTable }>();

function known(spec: ArgSpec): ChoiceTable | undefined {
  const found = Array.isArray(spec) ? tables.get(spec) : undefined;
  return Array.isArray(spec) && found?.length === spec.length ? found.table : undefined;
}

function newTable(
  owner: ArgOwner,
  argument: string,
  spec: ArgSpec,
  memo: ChoiceMemo | undefined,
): ChoiceTable | undefined {
  const choices = calledChoices(owner, argument, spec);
  if (choices === undefined) return undefined;
  const table = new Map<string, Choice>();
  for (const choice of choices) {
    if (!isChoice(choice))
      wrongChoices(owner, argument, `${inspect(choice)} is no value for a name`);
    const text = String(choice);
    if (text === '' || neverInValue.test(text)) {
      wrongChoices(owner, argument, `the choice ${inspect(text)} is empty or holds * or ?`);
    }
    if (!table.has(text)) table.set(text, choice);
  }
  if (Array.isArray(spec)) tables.set(spec, { length: spec.length, table });
  else memo?.set(spec, table);
  return table;
}

function calledChoices(
  owner: ArgOwner,
  argument: string,
  spec: ArgSpec,
): readonly unknown[] | undefined {
  let choices: unknown;
  try {
    choices = choicesOf(spec);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return wrongChoices(owner, argument, `the function threw: ${message}`);
  }
  if (Array.isArray(choices)) return choices as unknown[];
  if (
    choices === undefined &&
    (typeof spec !== 'function' || isConstructor(spec) || isSchema(spec))
  ) {
    return undefined;
  }
  return wrongChoices(owner, argument, `the function gave ${inspect(choices)}, which is no array`);
}

function isChoice(value: unknown): value is Choice {
  return ['string', 'number', 'boolean', 'bigint'].includes(typeof value);
}

const withSeparator = new WeakMap<ChoiceTable, { readonly choice: string | undefined }>();

/** Only `[...rest]` can hold a separator; any other value would be taken apart in a name. */
function refuseSeparators(owner: ArgOwner, argument: string, table: ChoiceTable): void {
  if (isRest(owner, argument)) return;
  let found = withSeparator.get(table);
  if (found === undefined) {
    const { separator } = owner.pattern;
    found = { choice: [...table.keys()].find((text) => text.includes(separator)) };
    withSeparator.set(table, found);
  }
  if (found.choice === undefined) return;
  wrongChoices(owner, argument, `the choice '${found.choice}' holds the separator`);
}

function wrongChoices(owner: ArgOwner, argument: string, why: string): never {
  throw new DefinitionError([
    {
      code: 'invalid-option',
      text: `The choices for [${argument}] in .args() of '${owner.name}' are wrong: ${why}.`,
      place: owner.place,
      hint: 'List strings, numbers or booleans that can be part of a name, without * and ?.',
    },
  ]);
}

function isRest({ pattern }: ArgOwner, argument: string): boolean {
  const last = pattern.segments.at(-1);
  return last?.kind === 'placeholder' && last.rest && last.name === argument;
}

function castArg(owner: ArgOwner, name: string, raw: string, memo: ChoiceMemo | undefined): Cast {
  const spec = owner.args.get(name);
  const choices = choiceTableOf(owner, name, memo);
  if (choices !== undefined) return castChoice(choices, raw);
  const parts = raw.split(owner.pattern.separator);
  if (raw === '' || parts.includes('') || neverInValue.test(raw)) {
    return invalid('a value is not empty and holds neither *, ? nor control characters.');
  }
  if (parts.length > 1 && !isRest(owner, name)) return invalid('it holds the separator.');
  if (isSchema(spec)) return castBySchema(spec, raw);
  if (typeof spec === 'object' && 'pattern' in spec) return castByPattern(spec.pattern, raw);
  if (!parts.every((part) => plainValue.test(part))) {
    const text = "values hold letters, digits and . _ @ + - only, and no '.' in front.";
    return invalid(`${text} ${loosenHint}`);
  }
  if (spec === Number) return castNumber(raw);
  if (spec === Boolean) return castBoolean(raw);
  if (spec === BigInt) return castBigInt(raw);
  return { ok: true, value: raw };
}

const loosenHint = '.args({ name: { pattern: /.../ } }) allows others.';

function invalid(text: string): Cast {
  return { ok: false, code: 'argument-invalid', text };
}

function castChoice(choices: ChoiceTable, raw: string): Cast {
  const choice = choices.get(raw);
  if (choice !== undefined) return { ok: true, value: choice };
  const text = `allowed choices are ${shownChoices(choices)}.`;
  return { ok: false, code: 'argument-not-a-choice', text };
}

const maxShown = 20;

/** The choices as an error lists them: the first twenty, and how many more there are. */
export function shownChoices(choices: ChoiceTable): string {
  const shown = [...choices.keys()].slice(0, maxShown).join(', ');
  const more = choices.size - maxShown;
  return more > 0 ? `${shown} and ${more} more` : shown;
}

function castNumber(raw: string): Cast {
  const value = Number(raw);
  return Number.isFinite(value)
    ? { ok: true, value }
    : { ok: false, code: 'argument-invalid', text: 'it has to be a number.' };
}

function castBoolean(raw: string): Cast {
  const word = raw.toLowerCase();
  if (truthy.has(word)) return { ok: true, value: true };
  if (falsy.has(word)) return { ok: true, value: false };
  const text = 'it has to be true or false (also 1, 0, yes, no, on, off).';
  return { ok: false, code: 'argument-invalid', text };
}

function castBigInt(raw: string): Cast {
  return /^[+-]?\d+$/.test(raw)
    ? { ok: true, value: BigInt(raw) }
    : { ok: false, code: 'argument-invalid', text: 'it has to be a whole number.' };
}

function castByPattern(pattern: RegExp, raw: string): Cast {
  const whole = new RegExp(`^(?:${pattern.source})$`, pattern.flags.replace(/[gy]/g, ''));
  return whole.exec(raw)?.[0] === raw
    ? { ok: true, value: raw }
    : invalid(`all of it has to match ${String(pattern)}.`);
}

function castBySchema(schema: StandardSchema, raw: string): Cast {
  let result: unknown;
  try {
    result = schema['~standard'].validate(raw);
  } catch (error) {
    return invalid(`its schema threw: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (typeof result !== 'object' || result === null) {
    return invalid(
      `its schema answers with ${inspect(result)}, which is no Standard Schema result.`,
    );
  }
  if ('then' in result) {
    return invalid('its schema answers with a promise, but arguments are checked at once.');
  }
  if ('issues' in result && result.issues !== undefined) return invalid(messagesOf(result.issues));
  if (!('value' in result)) return invalid('its schema answers with neither a value nor issues.');
  return { ok: true, value: result.value };
}

function messagesOf(issues: unknown): string {
  if (!Array.isArray(issues) || issues.length === 0) return 'its schema refuses it.';
  return issues
    .map((issue: unknown) =>
      typeof issue === 'object' && issue !== null && 'message' in issue
        ? String(issue.message)
        : inspect(issue),
    )
    .join('; ');
}

/** A schema may be a function (arktype): it must not be taken for one that gives choices. */
function isSchema(spec: unknown): spec is StandardSchema {
  const couldBe = (typeof spec === 'object' && spec !== null) || typeof spec === 'function';
  return couldBe && '~standard' in spec;
}

type Constructor = StringConstructor | NumberConstructor | BooleanConstructor | BigIntConstructor;

function isConstructor(spec: unknown): spec is Constructor {
  return spec === String || spec === Number || spec === Boolean || spec === BigInt;
}
