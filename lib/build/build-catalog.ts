import { currentParams, sealedDefinitions, settings } from '../dsl/program.ts';
import { Foresight, type Growth } from '../run/check-request.ts';
import { type RecalledGrowth, RequestNotes } from '../run/request-notes.ts';
import { TaskCatalog } from '../run/task-catalog.ts';

/** What names can stand for in this process: follows definitions, params and options as they change. */
export class BuildCatalog {
  readonly #nativeNames: () => ReadonlySet<string>;
  readonly #mayRecall: () => boolean;
  #catalog: TaskCatalog | undefined;
  #foresight: Foresight | undefined;

  /**
   * @param nativeNames The tasks of gulp's own; `forget` is to be called when that is another set.
   * @param mayRecall Whether it is enough to know of tasks that they are up to date.
   */
  constructor(nativeNames: () => ReadonlySet<string>, mayRecall: () => boolean) {
    this.#nativeNames = nativeNames;
    this.#mayRecall = mayRecall;
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
    this.#foresight = new Foresight(names, this.now(), this.#recall(names));
  }

  /** What a new run for `names` needs, if that has just been worked out. */
  foreseen(names: readonly string[]): Growth | undefined {
    return this.#takeForesight(names)?.growth;
  }

  /** What a new run for `names` came to in an earlier process, if it comes to that again. */
  recalled(names: readonly string[]): RecalledGrowth | undefined {
    // It is known already that there is nothing to recall, and what was worked out is to be used.
    if (this.#foresight?.growth !== undefined) return undefined;
    return this.#takeForesight(names)?.recalled ?? this.#recall(names);
  }

  /** Keeps the note of what a request has come to, if there is one and it is of any use. */
  note(names: readonly string[], textOf: () => string | undefined): void {
    const text = this.#mayRecall() ? textOf() : undefined;
    if (text !== undefined) new RequestNotes(settings()).keep(names, text);
  }

  #recall(names: readonly string[]): RecalledGrowth | undefined {
    if (!this.#mayRecall()) return undefined;
    return new RequestNotes(settings()).recall(names, this.now());
  }

  #takeForesight(names: readonly string[]): Foresight | undefined {
    const foresight = this.#foresight;
    this.#foresight = undefined;
    return foresight?.holdsFor(names, this.now()) === true ? foresight : undefined;
  }

  /** Forgets instances and definitions. */
  forget(): void {
    this.#catalog = undefined;
  }
}
