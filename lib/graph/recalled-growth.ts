import { NumberedTexts } from '../base/numbered-texts.ts';
import { unpacked } from '../base/packed-numbers.ts';
import type { Definition } from '../model/definition.ts';
import type { TaskNode } from '../model/node.ts';
import { catalogDigest } from './catalog-digest.ts';
import type { RawArgs } from './definition-index.ts';
import type { Catalog } from './graph.ts';
import {
  checksum,
  digits,
  type Header,
  headWords,
  isSameList,
  layoutVersion,
} from './growth-note.ts';
import {
  computesDeps,
  makeNodeWithoutDeps,
  type Surroundings,
  wantedDeps,
  wantedDepsOfNode,
} from './make-node.ts';

/**
 * What a request came to once, which it comes to again: nothing that the graph depends on has changed.
 * Tasks have numbers, deps before what needs them; a node is made when it is asked for.
 */
export class RecalledGrowth {
  /** Tells the note from all others: tasks have their numbers by it. */
  readonly id: string;
  /** Full names that were asked for. */
  readonly wanted: readonly string[];
  readonly size: number;
  readonly #words: Uint32Array;
  readonly #texts: NumberedTexts;
  readonly #starts: Uint32Array;
  readonly #definitions: readonly Definition[];
  readonly #surroundings: Surroundings;
  readonly #nodes = new Map<number, TaskNode>();
  /** Made when somebody first asks for a name: often nobody does. */
  #numbers: Map<string, number> | undefined;

  /**
   * What the note `text` tells of a request; undefined if it is damaged, or if the definitions are others. What
   * it tells holds if `isAsBefore`.
   */
  static of(text: Buffer, names: readonly string[], catalog: Catalog): RecalledGrowth | undefined {
    try {
      const body = text.subarray(digits);
      if (text.toString('latin1', 0, digits) !== checksum(body)) return undefined;
      const end = body.indexOf('\n');
      const header = JSON.parse(body.toString('utf8', 0, end)) as Header;
      if (header.layout !== layoutVersion || !isSameList(header.names, names)) return undefined;
      if (header.catalog !== catalogDigest(catalog)) return undefined;
      return new RecalledGrowth(header, body.subarray(end + 1), catalog);
    } catch {
      return undefined;
    }
  }

  private constructor(header: Header, rest: Buffer, catalog: Catalog) {
    this.id = header.id;
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
      for (let count = 4; count < headWords; count++) length += this.#words[word + count] ?? 0;
      word += length;
    }
  }

  nameAt(at: number): string {
    return this.#textAt(at, 0);
  }

  /** The number of a task; undefined if the request does not need it. */
  numberOf(name: string): number | undefined {
    // What was asked for comes last, and often nobody asks for anything else.
    const last = this.size - 1;
    if (this.#numbers === undefined && this.nameAt(last) === name) return last;
    this.#numbers ??= new Map(Array.from({ length: this.size }, (_, at) => [this.nameAt(at), at]));
    return this.#numbers.get(name);
  }

  /** The number of the definition of a task. */
  definitionNumberAt(at: number): number {
    return this.#word(at, 1);
  }

  definitionOf(number: number): Definition | undefined {
    return this.#definitions[number];
  }

  /** When it was met, counted from 0. */
  rankAt(at: number): number {
    return this.#word(at, 2);
  }

  /** Sets to 0 what stands for tasks that need one for which there is 0; by their numbers. */
  dropDependants(found: Uint8Array): void {
    const words = this.#words;
    for (let at = 0; at < found.length; at++) {
      const start = this.#starts[at] ?? 0;
      const firstDep = start + headWords + (words[start + 4] ?? 0);
      const end = firstDep + (words[start + 5] ?? 0);
      for (let dep = firstDep; dep < end; dep++) if (found[words[dep] ?? -1] === 0) found[at] = 0;
    }
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
      this.#definitionAt(at),
      this.#rawArgsAt(at),
      this.nameAt(at),
      this.#surroundings,
    );
    const depCount = this.#word(at, 5);
    const deps = this.#namesAt(depCount, (index) => this.#depAt(at, index));
    const makers = this.#namesAt(this.#word(at, 6), (index) => this.#depAt(at, depCount + index));
    const node = Object.assign(made, { deps, makers });
    this.#nodes.set(at, node);
    return node;
  }

  #namesAt(count: number, numberAt: (index: number) => number): readonly string[] {
    const names: string[] = [];
    for (let index = 0; index < count; index++) names.push(this.nameAt(numberAt(index)));
    return names;
  }

  /** Whether all that computes deps gives what it gave: it is called for each task. */
  isAsBefore(): boolean {
    try {
      const computed = this.#definitions.map(computesDeps);
      for (let at = 0; at < this.size; at++) {
        const definition = this.#words[(this.#starts[at] ?? 0) + 1] ?? 0;
        if (computed[definition] === true && !this.#isGivenAsBefore(at, definition)) return false;
      }
      return true;
    } catch {
      // Whoever works it out anew meets what is wrong, and says so.
      return false;
    }
  }

  /** In one piece: V8 would optimize small functions on a second thread, and wait for that at the end. */
  #isGivenAsBefore(at: number, definitionNumber: number): boolean {
    const definition = this.#definitions[definitionNumber] as Definition;
    const words = this.#words;
    const texts = this.#texts;
    const start = this.#starts[at] ?? 0;
    const name = texts.at(words[start] ?? -1) ?? '';
    const given = wantedDeps(definition, this.#rawArgsAt(at), name, this.#surroundings);
    const isSame = words[start + 3] !== 0;
    const depCount = words[start + 5] ?? 0;
    if (given.length !== (isSame ? depCount : words[start + 7])) return false;
    const firstDep = start + headWords + (words[start + 4] ?? 0);
    const firstGiven = firstDep + depCount + (words[start + 6] ?? 0);
    for (let index = 0; index < given.length; index++) {
      const dep = words[firstDep + index] ?? -1;
      const text = isSame ? words[this.#starts[dep] ?? -1] : words[firstGiven + index];
      if (given[index] !== texts.at(text ?? -1)) return false;
    }
    return true;
  }

  #definitionAt(at: number): Definition {
    const definition = this.#definitions[this.#word(at, 1)];
    if (definition === undefined) throw new Error('Internal error: a note of another catalog');
    return definition;
  }

  /** The number of a dep; after these come the makers. */
  #depAt(at: number, index: number): number {
    return this.#word(at, headWords + this.#argCountAt(at) + index);
  }

  #argCountAt(at: number): number {
    return this.#word(at, 4);
  }

  #rawArgsAt(at: number): RawArgs {
    const { placeholders } = this.#definitionAt(at).pattern;
    const rawArgs: Record<string, string> = {};
    const first = (this.#starts[at] ?? 0) + headWords;
    for (let index = 0; index < placeholders.length; index++) {
      rawArgs[placeholders[index] ?? ''] = this.#texts.at(this.#words[first + index] ?? -1) ?? '';
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
