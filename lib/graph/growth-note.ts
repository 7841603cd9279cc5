import { crc32 } from 'node:zlib';
import { NumberedTexts, TextNumbers } from '../base/numbered-texts.ts';
import { packed, unpacked } from '../base/packed-numbers.ts';
import type { Definition } from '../model/definition.ts';
import type { TaskNode } from '../model/node.ts';
import { plainPath } from '../model/path-spec.ts';
import { catalogDigest } from './catalog-digest.ts';
import type { RawArgs } from './definition-index.ts';
import type { Catalog } from './graph.ts';
import type { Growth } from './grow-graph.ts';
import {
  computesDeps,
  makeNodeWithoutDeps,
  type Surroundings,
  wantedDeps,
  wantedDepsOfNode,
} from './make-node.ts';

/** What stands in front of the words. */
interface Header {
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
const layoutVersion = 2;
/** So many digits of a checksum stand in front. SHA-256 takes five milliseconds for 10,000 tasks. */
const digits = 8;
/**
 * So many words come before the arguments, deps, makers, inputs, outputs and wanted deps of a task: its name,
 * its definition, when it was met, where it stood in the cache, flags, and six counts.
 */
const headWords = 11;
/** All files are listed: see `isListed`. */
const listedFlag = 1;
/** What the definition wants is just what the deps are. */
const sameFlag = 2;

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

/**
 * What a request came to once, which it comes to again: nothing that the graph depends on has changed.
 * Tasks have numbers, deps before what needs them; a node is made when it is asked for.
 */
export class RecalledGrowth {
  /** Full names that were asked for. */
  readonly wanted: readonly string[];
  readonly size: number;
  readonly #words: Uint32Array;
  readonly #texts: NumberedTexts;
  readonly #starts: Uint32Array;
  readonly #definitions: readonly Definition[];
  readonly #surroundings: Surroundings;
  readonly #nodes = new Map<number, TaskNode>();

  /**
   * What the note `text` tells of a request; undefined if it is damaged, or if not all is as it was. What
   * computes deps is called for each task.
   */
  static of(text: Buffer, names: readonly string[], catalog: Catalog): RecalledGrowth | undefined {
    try {
      const body = text.subarray(digits);
      if (text.toString('latin1', 0, digits) !== checksum(body)) return undefined;
      const end = body.indexOf('\n');
      const header = JSON.parse(body.toString('utf8', 0, end)) as Header;
      if (header.layout !== layoutVersion || !isSameList(header.names, names)) return undefined;
      if (header.catalog !== catalogDigest(catalog)) return undefined;
      const recalled = new RecalledGrowth(header, body.subarray(end + 1), catalog);
      return recalled.#isAsBefore() ? recalled : undefined;
    } catch {
      // Whoever works it out anew meets what is wrong, and says so.
      return undefined;
    }
  }

  private constructor(header: Header, rest: Buffer, catalog: Catalog) {
    this.wanted = header.wanted;
    this.size = header.count;
    this.#words = new Uint32Array(unpacked(rest.toString('latin1', 0, header.words)));
    const texts = header.words + header.ends;
    const ends = new Uint32Array(unpacked(rest.toString('latin1', header.words, texts)));
    this.#texts = new NumberedTexts(rest.toString('utf8', texts), ends);
    this.#starts = new Uint32Array(header.count);
    this.#definitions = [...catalog.definitions.values()];
    this.#surroundings = { params: catalog.params, memo: new Map() };
    for (let at = 0, word = 0; at < header.count; at++) {
      this.#starts[at] = word;
      let length = headWords;
      for (let count = 5; count < headWords; count++) length += this.#words[word + count] ?? 0;
      word += length;
    }
  }

  nameAt(at: number): string {
    return this.#textAt(at, 0);
  }

  definitionAt(at: number): Definition {
    const definition = this.#definitions[this.#word(at, 1)];
    if (definition === undefined) throw new Error('Internal error: a note of another catalog');
    return definition;
  }

  /** When it was met, counted from 0. */
  rankAt(at: number): number {
    return this.#word(at, 2);
  }

  /** Where it stood in the cache; -1 if it did not. */
  taskAt(at: number): number {
    return this.#word(at, 3) - 1;
  }

  /** Whether nothing of it but the files that it names, and its deps, has to be looked at. */
  isListedAt(at: number): boolean {
    return (this.#word(at, 4) & listedFlag) !== 0;
  }

  inputCountAt(at: number): number {
    return this.#word(at, 8);
  }

  outputCountAt(at: number): number {
    return this.#word(at, 9);
  }

  /** A file of one that is listed: first come the inputs, then the outputs. */
  pathAt(at: number, index: number): string {
    return this.#textAt(at, this.#firstPath(at) + index);
  }

  argCountAt(at: number): number {
    return this.#word(at, 5);
  }

  /** How an argument stands in the name, in the order of the pattern. */
  argAt(at: number, index: number): string {
    return this.#textAt(at, headWords + index);
  }

  depCountAt(at: number): number {
    return this.#word(at, 6);
  }

  /** The number of a dep. */
  depAt(at: number, index: number): number {
    return this.#word(at, headWords + this.#word(at, 5) + index);
  }

  makerCountAt(at: number): number {
    return this.#word(at, 7);
  }

  makerAt(at: number, index: number): number {
    return this.depAt(at, this.depCountAt(at) + index);
  }

  /** The node of a task that may run: as of `nodeAt`, and it knows which params count for its deps. */
  runnableNodeAt(at: number): TaskNode {
    const node = this.nodeAt(at);
    if (computesDeps(node.definition)) wantedDepsOfNode(node);
    return node;
  }

  /** The node of a task, the same one each time. No function is called for it. */
  nodeAt(at: number): TaskNode {
    const known = this.#nodes.get(at);
    if (known !== undefined) return known;
    const made = makeNodeWithoutDeps(
      this.definitionAt(at),
      this.#rawArgsAt(at),
      this.nameAt(at),
      this.#surroundings,
    );
    const deps = this.#namesAt(this.depCountAt(at), (index) => this.depAt(at, index));
    const makers = this.#namesAt(this.makerCountAt(at), (index) => this.makerAt(at, index));
    const node = Object.assign(made, { deps, makers });
    this.#nodes.set(at, node);
    return node;
  }

  #namesAt(count: number, numberAt: (index: number) => number): readonly string[] {
    const names: string[] = [];
    for (let index = 0; index < count; index++) names.push(this.nameAt(numberAt(index)));
    return names;
  }

  /** Whether all that computes deps gives what it gave. */
  #isAsBefore(): boolean {
    const computed = this.#definitions.map(computesDeps);
    for (let at = 0; at < this.size; at++) {
      if (computed[this.#word(at, 1)] === true && !this.#isGivenAsBefore(at)) return false;
    }
    return true;
  }

  #isGivenAsBefore(at: number): boolean {
    const definition = this.definitionAt(at);
    const given = wantedDeps(definition, this.#rawArgsAt(at), this.nameAt(at), this.#surroundings);
    const isSame = (this.#word(at, 4) & sameFlag) !== 0;
    const depCount = this.depCountAt(at);
    if (given.length !== (isSame ? depCount : this.#word(at, 10))) return false;
    const first = this.#firstPath(at) + this.inputCountAt(at) + this.outputCountAt(at);
    for (let index = 0; index < given.length; index++) {
      const before = isSame ? this.nameAt(this.depAt(at, index)) : this.#textAt(at, first + index);
      if (given[index] !== before) return false;
    }
    return true;
  }

  #firstPath(at: number): number {
    return headWords + this.#word(at, 5) + this.depCountAt(at) + this.makerCountAt(at);
  }

  #rawArgsAt(at: number): RawArgs {
    const { placeholders } = this.definitionAt(at).pattern;
    const rawArgs: Record<string, string> = {};
    for (let index = 0; index < placeholders.length; index++) {
      rawArgs[placeholders[index] ?? ''] = this.argAt(at, index);
    }
    return rawArgs;
  }

  #textAt(at: number, offset: number): string {
    return this.#texts.at(this.#word(at, offset)) ?? '';
  }

  #word(at: number, offset: number): number {
    return this.#words[(this.#starts[at] ?? 0) + offset] ?? 0;
  }
}

function checksum(text: string | Buffer): string {
  return crc32(text).toString(16).padStart(digits, '0');
}

function isSameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((each, index) => each === b[index]);
}
