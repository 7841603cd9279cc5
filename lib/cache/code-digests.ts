import { sha256 } from '../base/sha256.ts';
import type { Definition } from '../model/definition.ts';
import type { TaskNode } from '../model/node.ts';
import { DefinitionDigests, type DefinitionOptions } from './definition-digest.ts';
import { GlobalInputs } from './global-inputs.ts';
import { ListingStore } from './listing-store.ts';
import type { DefinitionParts } from './record.ts';

/** What `CodeDigests` needs. */
export interface CodeOptions extends DefinitionOptions {
  readonly globalInputs: readonly string[] | undefined;
  /** Where it is kept which files there were, to explain changes; undefined: nowhere. */
  readonly listings: string | undefined;
}

/** The digest of a definition together with the files that count for all tasks. */
export interface CodeDigest {
  readonly globals: string;
  readonly digest: string;
  readonly parts: DefinitionParts;
}

/** Digests of all that is the same for every instance of a definition, and which files changed in it. */
export class CodeDigests {
  readonly #definitions: DefinitionDigests;
  readonly #globals: GlobalInputs;
  readonly #listings: ListingStore;
  readonly #known = new Map<Definition, CodeDigest>();

  constructor(options: CodeOptions) {
    this.#definitions = new DefinitionDigests(options);
    this.#globals = new GlobalInputs(options.globalInputs, options.workDir, options.clock);
    this.#listings = new ListingStore(options.listings);
  }

  of({ definition }: Pick<TaskNode, 'definition'>): CodeDigest {
    const globals = this.#globals.listing.digest;
    const known = this.#known.get(definition);
    if (known?.globals === globals) return known;
    const facts = this.#definitions.factsOf(definition);
    const parts = {
      action: short(facts.action),
      declaration: short(facts.declaration),
      platform: facts.platform,
      modules: short(facts.modules.digest),
      globals: short(globals),
    };
    const found = { globals, digest: sha256(`${facts.digest} ${globals}`), parts };
    this.#known.set(definition, found);
    return found;
  }

  /** Keeps the names of the files that a recorded digest was made of. */
  keepListings({ definition }: TaskNode, parts: DefinitionParts): void {
    const { modules } = this.#definitions.factsOf(definition);
    this.#listings.keep(parts.modules, modules);
    this.#listings.keep(parts.globals, this.#globals.listing);
  }

  /** The files that differ between what a record tells and what is there, if both are known. */
  changedFiles({ definition }: TaskNode, before: string, now: string): readonly string[] {
    const { modules } = this.#definitions.factsOf(definition);
    const listing = short(modules.digest) === now ? modules : this.#globals.listing;
    return this.#listings.changes(before, listing);
  }

  /** Whether the modules of a task are still those that were loaded, here and in workers. */
  isAsLoaded({ definition }: TaskNode): boolean {
    return this.#definitions.isAsLoaded(definition);
  }

  /** Files that count for all tasks are looked at again when somebody asks. */
  forgetGlobals(): void {
    this.#globals.forget();
  }

  /** The digest of the files that count for all tasks, as they were last looked at. */
  get globalsDigest(): string {
    return this.#globals.listing.digest;
  }

  /** Paths of the files that count for all tasks, as they were last looked at. */
  globalPaths(): readonly string[] {
    return this.#globals.listing.files.map(([path]) => path);
  }

  /** Whether the files that count for all tasks are what they were when they were last looked at. */
  areGlobalsUnchanged(): boolean {
    return this.#globals.areStill(this.#globals.listing.digest);
  }

  /** Whether the files that count for all tasks are now what `digest` says. */
  areGlobalsStill(digest: string): boolean {
    return this.#globals.areStill(digest);
  }
}

function short(digest: string): string {
  return digest.slice(0, 12);
}
