import { currentParams, sealedDefinitions, settings } from '../dsl/program.ts';
import { Foresight, type Growth } from '../run/check-request.ts';
import { TaskCatalog } from '../run/task-catalog.ts';

/** What names can stand for in this process: follows definitions, params and options as they change. */
export class BuildCatalog {
  readonly #nativeNames: () => ReadonlySet<string>;
  #catalog: TaskCatalog | undefined;
  #foresight: Foresight | undefined;

  /** @param nativeNames The tasks of gulp's own; `forget` is to be called when that is another set. */
  constructor(nativeNames: () => ReadonlySet<string>) {
    this.#nativeNames = nativeNames;
  }

  /** What names can stand for now. */
  now(): TaskCatalog {
    const { separator, allowMissingDeps, globalIgnore } = settings();
    const known = this.#catalog;
    const isCurrent =
      known?.separator === separator &&
      known.allowMissingDeps === allowMissingDeps &&
      known.globalIgnore === globalIgnore;
    if (!isCurrent) {
      this.#catalog = new TaskCatalog({
        separator,
        allowMissingDeps,
        globalIgnore,
        definitions: sealedDefinitions(),
        nativeNames: this.#nativeNames(),
      });
      for (const [name, instance] of known?.instances ?? []) {
        this.#catalog.addInstance(name, instance);
      }
    }
    const catalog = this.#catalog ?? known;
    if (catalog === undefined) throw new Error('Internal error: no catalog');
    sealedDefinitions();
    catalog.refresh(currentParams());
    return catalog;
  }

  /**
   * Works out what `names` need, for the request that comes next.
   *
   * @throws DefinitionError with every problem of the request
   */
  foresee(names: readonly string[]): void {
    this.#foresight = new Foresight(names, this.now());
  }

  /** What a new run for `names` needs, if that has just been worked out. */
  foreseen(names: readonly string[]): Growth | undefined {
    const growth = this.#foresight?.growthFor(names, this.now());
    this.#foresight = undefined;
    return growth;
  }

  /** Forgets instances and definitions. */
  forget(): void {
    this.#catalog = undefined;
  }
}
