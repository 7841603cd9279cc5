import { crc32 } from 'node:zlib';
import { TextNumbers } from '../base/numbered-texts.ts';
import { packed } from '../base/packed-numbers.ts';
import type { TaskNode } from '../model/node.ts';
import { plainPath } from '../model/path-spec.ts';
import { catalogDigest } from './catalog-digest.ts';
import type { Catalog } from './graph.ts';
import type { Growth } from './grow-graph.ts';

/** What stands in front of the words. */
export interface Header {
  readonly layout: typeof layoutVersion;
  readonly catalog: string;
  readonly names: readonly string[];
  readonly wanted: readonly string[];
  readonly count: number;
  /** How long what follows is, in characters. */
  readonly words: number;
  readonly ends: number;
}

/** Grows by one whenever the text of a note gets another form. */
export const layoutVersion = 2;
/** So many digits of a checksum stand in front. SHA-256 takes five milliseconds for 10,000 tasks. */
export const digits = 8;
/**
 * So many words come before the arguments, deps, makers, inputs, outputs and wanted deps of a task: its name,
 * its definition, when it was met, where it stood in the cache, flags, and six counts.
 */
export const headWords = 11;
/** All files are listed: see `namesFilesOnly`. */
export const listedFlag = 1;
/** What the definition wants is just what the deps are. */
export const sameFlag = 2;

/**
 * What a request for `names` came to, as text; undefined if that hangs on more than a note can tell.
 *
 * @param numberOf Where a task stands in the cache; -1 if it does not.
 */
export function noteOf(
  names: readonly string[],
  catalog: Catalog,
  growth: Growth,
  numberOf: (name: string) => number,
): string | undefined {
  const digest = catalogDigest(catalog);
  const tasks = growth.depsFirst.filter(isNotable);
  if (digest === undefined || tasks.length < growth.depsFirst.length) return undefined;
  const texts = new TextNumbers();
  const places = new Map(tasks.map(({ name }, at) => [name, at]));
  const ranks = new Map(growth.added.map(({ name }, at) => [name, at]));
  const definitions = new Map([...catalog.definitions.values()].map((each, at) => [each, at]));
  const words: number[] = [];
  for (const node of tasks) {
    const { name, definition, rawArgs, deps, makers } = node;
    // Not asked again: they could give something else by now.
    const given = growth.given?.get(name) ?? deps;
    const isSame = isSameList(given, deps);
    const isListed = catalog.globalIgnore.length === 0 && namesFilesOnly(node);
    const files = isListed ? [node.inputs as readonly string[], node.outputs] : [[], []];
    const args = definition.pattern.placeholders.map((each) => rawArgs[each] ?? '');
    words.push(
      texts.of(name),
      definitions.get(definition) ?? -1,
      ranks.get(name) ?? -1,
      numberOf(name) + 1,
    );
    words.push((isListed ? listedFlag : 0) + (isSame ? sameFlag : 0));
    words.push(args.length, deps.length, makers.length);
    words.push(...files.map(({ length }) => length), isSame ? 0 : given.length);
    for (const value of args) words.push(texts.of(value));
    for (const each of [...deps, ...makers]) words.push(places.get(each) ?? -1);
    for (const path of files.flat()) words.push(texts.of(path));
    if (!isSame) for (const each of given) words.push(texts.of(each));
  }
  const { text, ends } = texts.joined();
  const columns = { words: packed(Uint32Array.from(words)), ends: packed(ends) };
  const header: Header = {
    layout: layoutVersion,
    catalog: digest,
    names,
    wanted: growth.wanted,
    count: tasks.length,
    words: columns.words.length,
    ends: columns.ends.length,
  };
  const all = `${JSON.stringify(header)}\n${columns.words}${columns.ends}${text}`;
  return checksum(all) + all;
}

function isNotable(node: Growth['added'][number]): node is TaskNode {
  if (node.kind !== 'task' || node.wave !== 0) return false;
  const { service, noFailures } = node.definition;
  return service === undefined && !noFailures;
}

/** Whether nothing of a task but the files that it names, and its deps, has to be looked at. */
function namesFilesOnly({ definition, inputs, ignore, outputs, ...node }: TaskNode): boolean {
  const isPath = (path: unknown): boolean => typeof path === 'string' && plainPath.test(path);
  return (
    !definition.noSkip &&
    definition.env.length + ignore.length + node.agingOutputs.length + node.makers.length === 0 &&
    definition.action !== undefined &&
    inputs.length + node.deps.length > 0 &&
    inputs.every(isPath) &&
    outputs.every(isPath)
  );
}

/** Of what follows it. */
export function checksum(text: string | Buffer): string {
  return crc32(text).toString(16).padStart(digits, '0');
}

/** Whether two lists hold the same texts. */
export function isSameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((each, index) => each === b[index]);
}
