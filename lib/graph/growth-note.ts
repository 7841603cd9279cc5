import { crc32 } from 'node:zlib';
import { TextNumbers } from '../base/numbered-texts.ts';
import { packed } from '../base/packed-numbers.ts';
import { sha256 } from '../base/sha256.ts';
import type { TaskNode } from '../model/node.ts';
import { catalogDigest } from './catalog-digest.ts';
import type { Catalog } from './graph.ts';
import type { Growth } from './grow-graph.ts';

/** What stands in front of the words. */
export interface Header {
  readonly layout: typeof layoutVersion;
  /** No two notes have the same. */
  readonly id: string;
  readonly catalog: string;
  readonly names: readonly string[];
  readonly wanted: readonly string[];
  readonly count: number;
  /** How long what follows is, in characters. */
  readonly words: number;
  readonly ends: number;
}

/** Grows by one whenever the text of a note gets another form. */
export const layoutVersion = 3;
/** So many digits of a checksum stand in front. SHA-256 takes five milliseconds for 10,000 tasks. */
export const digits = 8;
/**
 * So many words come before the arguments, deps, makers and wanted deps of a task: its name, its definition,
 * when it was met, whether what it wants is just what its deps are, and four counts.
 */
export const headWords = 8;

/** What a request for `names` came to, as text; undefined if that hangs on more than a note can tell. */
export function noteOf(
  names: readonly string[],
  catalog: Catalog,
  growth: Growth,
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
    const args = definition.pattern.placeholders.map((each) => rawArgs[each] ?? '');
    words.push(texts.of(name), definitions.get(definition) ?? -1, ranks.get(name) ?? -1);
    words.push(isSame ? 1 : 0, args.length, deps.length, makers.length);
    words.push(isSame ? 0 : given.length);
    for (const value of args) words.push(texts.of(value));
    for (const each of [...deps, ...makers]) words.push(places.get(each) ?? -1);
    if (!isSame) for (const each of given) words.push(texts.of(each));
  }
  const { text, ends } = texts.joined();
  const columns = { words: packed(Uint32Array.from(words)), ends: packed(ends) };
  const body = `${columns.words}${columns.ends}${text}`;
  const header: Header = {
    layout: layoutVersion,
    id: sha256(JSON.stringify([digest, names]) + body),
    catalog: digest,
    names,
    wanted: growth.wanted,
    count: tasks.length,
    words: columns.words.length,
    ends: columns.ends.length,
  };
  const all = `${JSON.stringify(header)}\n${body}`;
  return checksum(all) + all;
}

function isNotable(node: Growth['added'][number]): node is TaskNode {
  if (node.kind !== 'task' || node.wave !== 0) return false;
  const { service, noFailures } = node.definition;
  return service === undefined && !noFailures;
}

/** Of what follows it. */
export function checksum(text: string | Buffer): string {
  return crc32(text).toString(16).padStart(digits, '0');
}

/** Whether two lists hold the same texts. */
export function isSameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((each, index) => each === b[index]);
}
