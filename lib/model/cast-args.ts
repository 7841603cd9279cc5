import type { ArgSpec, ArgValues, Choice, Definition, StandardSchema } from './definition.ts';
import { DefinitionError, type Problem } from './errors.ts';

const plainValue = /^(?!\.)[\w.@+-]+$/;
const truthy = new Set(['true', '1', 'yes', 'on']);
const falsy = new Set(['false', '0', 'no', 'off']);

type Cast =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly code: Problem['code']; readonly text: string };

/**
 * The arguments of an instance, cast to what `.args()` says of them. Names are not rewritten: the
 * instance keeps the text that it was asked for.
 *
 * @param rawArgs The values of all placeholders as they stand in the name.
 * @throws DefinitionError `argument-not-a-choice` or `argument-invalid`, with every wrong argument.
 */
export function castArgs(
  definition: Pick<Definition, 'name' | 'pattern' | 'args' | 'place'>,
  rawArgs: Readonly<Record<string, string>>,
): ArgValues {
  const values: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  const problems: Problem[] = [];
  for (const name of definition.pattern.placeholders) {
    const raw = rawArgs[name] ?? '';
    const cast = castArg(definition.args.get(name), raw, definition.pattern.separator);
    if (cast.ok) values[name] = cast.value;
    else {
      const text = `'${raw}' is no [${name}] of '${definition.name}': ${cast.text}`;
      problems.push({ code: cast.code, text, place: definition.place });
    }
  }
  if (problems.length > 0) throw new DefinitionError(problems);
  return Object.freeze(values);
}

/** The allowed values, where the spec lists them. */
export function choicesOf(spec: ArgSpec | undefined): readonly Choice[] | undefined {
  if (Array.isArray(spec)) return spec as readonly Choice[];
  if (typeof spec === 'function' && !isConstructor(spec)) return spec();
  return undefined;
}

function castArg(spec: ArgSpec | undefined, raw: string, separator: string): Cast {
  const choices = choicesOf(spec);
  if (choices !== undefined) return castChoice(choices, raw);
  if (spec !== undefined && '~standard' in spec) return castBySchema(spec, raw);
  if (typeof spec === 'object' && 'pattern' in spec) return castByPattern(spec.pattern, raw);
  if (!raw.split(separator).every((part) => plainValue.test(part))) {
    const text = "values hold letters, digits and . _ @ + - only, and no '.' in front.";
    return { ok: false, code: 'argument-invalid', text: `${text} ${loosenHint}` };
  }
  if (spec === Number) return castNumber(raw);
  if (spec === Boolean) return castBoolean(raw);
  if (spec === BigInt) return castBigInt(raw);
  return { ok: true, value: raw };
}

const loosenHint = '.args({ name: { pattern: /.../ } }) allows others.';

function castChoice(choices: readonly Choice[], raw: string): Cast {
  const choice = choices.find((each) => String(each) === raw);
  if (choice !== undefined) return { ok: true, value: choice };
  const text = `allowed choices are ${choices.map(String).join(', ')}.`;
  return { ok: false, code: 'argument-not-a-choice', text };
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
  const match = new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, '')).exec(raw);
  return match !== null && match[0] === raw
    ? { ok: true, value: raw }
    : { ok: false, code: 'argument-invalid', text: `all of it has to match ${String(pattern)}.` };
}

function castBySchema(schema: StandardSchema, raw: string): Cast {
  const result = schema['~standard'].validate(raw);
  if (typeof result !== 'object' || result === null || 'then' in result) {
    const text = 'its schema answers with a promise, but arguments are checked at once.';
    return { ok: false, code: 'argument-invalid', text };
  }
  if ('issues' in result && Array.isArray(result.issues)) {
    const messages = result.issues.map((issue: { message?: unknown }) => String(issue.message));
    return { ok: false, code: 'argument-invalid', text: messages.join('; ') };
  }
  return { ok: true, value: 'value' in result ? result.value : undefined };
}

type Constructor = StringConstructor | NumberConstructor | BooleanConstructor | BigIntConstructor;

function isConstructor(spec: unknown): spec is Constructor {
  return spec === String || spec === Number || spec === Boolean || spec === BigInt;
}
