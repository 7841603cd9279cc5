import { DefinitionError } from './errors.ts';
import type { Place } from './place.ts';

/** One part of a name between separators. */
export type Segment =
  | { readonly kind: 'literal'; readonly text: string }
  /** `rest` takes all segments that are left; `prefix` is literal text before the placeholder. */
  | {
      readonly kind: 'placeholder';
      readonly prefix: string;
      readonly name: string;
      readonly rest: boolean;
    };

/** A task name as written, taken apart. Without placeholders it names one task. */
export interface Pattern {
  readonly text: string;
  readonly separator: string;
  readonly segments: readonly Segment[];
  readonly placeholders: readonly string[];
}

const identifier = /^[A-Za-z_$][\w$]*$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not get in
const forbidden = /[*?\u0000-\u001f\u007f]/;
const token = /\[(?:\.\.\.)?([A-Za-z_$][\w$]*)\]/g;

/** Takes `text` apart, or throws `invalid-name` saying which part is wrong. */
export function parsePattern(text: string, separator: string, place?: Place): Pattern {
  const parts = text.split(separator);
  const segments = parts.map((part, index) => {
    const segment = segmentOf(part, index === parts.length - 1);
    return typeof segment === 'string' ? invalid(text, separator, segment, place) : segment;
  });
  const placeholders = segments.flatMap((s) => (s.kind === 'placeholder' ? [s.name] : []));
  const twice = placeholders.find((name, index) => placeholders.indexOf(name) !== index);
  if (twice !== undefined)
    invalid(text, separator, `the placeholder [${twice}] occurs twice`, place);
  if (text.startsWith('-')) invalid(text, separator, 'it would be read as a flag', place);
  return { text, separator, segments, placeholders };
}

/** The values of the placeholders if `name` fits, else undefined. Linear in the length of `name`. */
export function matchPattern(pattern: Pattern, name: string): Record<string, string> | undefined {
  return matchParts(pattern, name.split(pattern.separator));
}

/** The same for a name that has been split at the separators. */
export function matchParts(
  pattern: Pattern,
  parts: readonly string[],
): Record<string, string> | undefined {
  const { segments } = pattern;
  const values: Record<string, string> = {};
  for (let index = 0; index < segments.length; index++) {
    const segment = segments[index];
    const part = parts[index];
    if (segment === undefined || part === undefined) return undefined;
    if (segment.kind === 'placeholder' && segment.rest) {
      if (parts.includes('', index) || part === segment.prefix) return undefined;
      const rest = parts.slice(index).join(pattern.separator);
      return fits(segment, rest, values) ? values : undefined;
    }
    if (!fits(segment, part, values)) return undefined;
  }
  return parts.length === segments.length ? values : undefined;
}

/** The name that `values` make of the pattern; the reverse of `matchPattern`. */
export function fillPattern(pattern: Pattern, values: Readonly<Record<string, string>>): string {
  return pattern.segments
    .map((s) => (s.kind === 'literal' ? s.text : `${s.prefix}${values[s.name] ?? ''}`))
    .join(pattern.separator);
}

/** How many segments are literal: the more, the more specific is the pattern. */
export function literalCount(pattern: Pattern): number {
  let count = 0;
  for (const segment of pattern.segments) if (segment.kind === 'literal') count++;
  return count;
}

/** The names of all `[placeholders]` in `text`, which need not be a task name. */
export function placeholdersIn(text: string): string[] {
  return [...text.matchAll(token)].map((match) => match[1] ?? '');
}

/** `text` with every `[placeholder]` that `lookUp` knows replaced; others stay as they are. */
export function fillTemplate(text: string, lookUp: (name: string) => string | undefined): string {
  if (!text.includes('[')) return text;
  const { literals, tokens, names } = templateOf(text);
  let filled = literals[0] ?? '';
  for (let index = 0; index < names.length; index++) {
    filled += (lookUp(names[index] ?? '') ?? tokens[index] ?? '') + (literals[index + 1] ?? '');
  }
  return filled;
}

/** A text taken apart at its placeholders. */
interface Template {
  /** What stands before, between and behind them. */
  readonly literals: readonly string[];
  readonly tokens: readonly string[];
  readonly names: readonly string[];
}

const templates = new Map<string, Template>();
const mostTemplates = 10_000;

function templateOf(text: string): Template {
  const known = templates.get(text);
  if (known !== undefined) return known;
  const literals: string[] = [];
  const tokens: string[] = [];
  const names: string[] = [];
  let end = 0;
  for (const match of text.matchAll(token)) {
    literals.push(text.slice(end, match.index));
    tokens.push(match[0]);
    names.push(match[1] ?? '');
    end = match.index + match[0].length;
  }
  literals.push(text.slice(end));
  const template = { literals, tokens, names };
  if (templates.size >= mostTemplates) templates.clear();
  templates.set(text, template);
  return template;
}

/** Whether an argument or a name holds glob characters. */
export function isGlob(text: string): boolean {
  return text.includes('*') || text.includes('?');
}

/** Whether only parproc can mean this name: it has a separator or glob characters. */
export function isProtoShaped(name: string, separator: string): boolean {
  return name.includes(separator) || isGlob(name);
}

function fits(segment: Segment, part: string, values: Record<string, string>): boolean {
  if (segment.kind === 'literal') return part === segment.text;
  if (!part.startsWith(segment.prefix) || part.length === segment.prefix.length) return false;
  values[segment.name] = part.slice(segment.prefix.length);
  return true;
}

function segmentOf(part: string, isLast: boolean): Segment | string {
  if (part === '') return 'it has an empty segment';
  if (forbidden.test(part)) return `'${part}' holds a glob or control character`;
  const open = part.indexOf('[');
  if (open === -1) {
    return part.includes(']') ? `'${part}' has a ']' without '['` : { kind: 'literal', text: part };
  }
  const inner = part.slice(open + 1, -1);
  const rest = inner.startsWith('...');
  const name = rest ? inner.slice(3) : inner;
  if (!part.endsWith(']')) return `'${part}' has text after its placeholder`;
  // The only name that an ordinary object does not take as a key like any other.
  if (!identifier.test(name) || name === '__proto__')
    return `'[${inner}]' is no identifier in brackets`;
  if (rest && !isLast) return `[...${name}] has to be the last segment`;
  return { kind: 'placeholder', prefix: part.slice(0, open), name, rest };
}

function invalid(text: string, separator: string, why: string, place: Place | undefined): never {
  throw new DefinitionError([
    {
      code: 'invalid-name',
      text: `'${text}' is no task name: ${why}.`,
      place,
      hint: `Write segments separated by '${separator}', placeholders last in theirs: 'build${separator}[env]'.`,
    },
  ]);
}
