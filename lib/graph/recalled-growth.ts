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
  listedFlag,
  sameFlag,
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
