import { DefinitionIndex } from '../graph/definition-index.ts';
import type { Catalog, Instance } from '../graph/graph.ts';
import type { Definition, Params } from '../model/definition.ts';

/** What names can stand for, kept up to date as definitions come in. */
export class TaskCatalog implements Catalog {
  readonly separator: string;
  readonly definitions: ReadonlyMap<string, Definition>;
  readonly nativeNames: ReadonlySet<string>;
  readonly allowMissingDeps: boolean;
  readonly globalIgnore: readonly string[];
  readonly index: DefinitionIndex = new DefinitionIndex();
  readonly instances: Map<string, Instance> = new Map();
  params: Params = {};
  /** Names that are wanted with the next run, without being asked for. */
  #now: string[] = [];
  #known = 0;

  constructor(
    facts: Pick<
      Catalog,
      'separator' | 'definitions' | 'nativeNames' | 'allowMissingDeps' | 'globalIgnore'
    >,
  ) {
    this.separator = facts.separator;
    this.definitions = facts.definitions;
    this.nativeNames = facts.nativeNames;
    this.allowMissingDeps = facts.allowMissingDeps;
    this.globalIgnore = facts.globalIgnore;
  }

  /** Takes in definitions that have come since, and the params as they are now. */
  refresh(params: Params): void {
    this.params = params;
    if (this.definitions.size === this.#known) return;
    let at = 0;
    for (const definition of this.definitions.values()) {
      if (at++ < this.#known) continue;
      this.index.add(definition);
      if (definition.now && definition.pattern.placeholders.length === 0) {
        this.#now.push(definition.name);
      }
    }
    this.#known = this.definitions.size;
  }

  /** Makes a task known under a name. */
  addInstance(name: string, instance: Instance): void {
    if (this.instances.has(name)) return;
    this.instances.set(name, instance);
    if (instance.definition.now) this.#now.push(name);
  }

  /** Whether there are tasks that nobody has asked for and that are wanted nevertheless. */
  get hasNow(): boolean {
    return this.#now.length > 0;
  }

  /** The tasks that are wanted once, with the run that begins now. */
  takeNow(): readonly string[] {
    const names = this.#now;
    this.#now = [];
    return names;
  }

  /** Those of the last `takeNow` are wanted still: no run has begun. */
  putBackNow(names: readonly string[]): void {
    this.#now = [...names, ...this.#now];
  }
}
