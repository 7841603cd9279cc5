import { currentParams, sealedDefinitions, settings } from '../dsl/program.ts';
import type { Settings } from '../model/options.ts';
import { Foresight, type Growth } from '../run/check-request.ts';
import { host } from '../run/host.ts';
import { type RecalledGrowth, RequestNotes, type StoredLook } from '../run/request-notes.ts';
import type { SettledRequest } from '../run/settled-request.ts';
import { TaskCatalog } from '../run/task-catalog.ts';

/** A look that was begun is only gone on with at once: files change. */
const begunMs = 1000;

/** What names can stand for in this process: follows definitions, params and options as they change. */
export class BuildCatalog {
  readonly #nativeNames: () => ReadonlySet<string>;
  readonly #mayRecall: () => boolean;
  #catalog: TaskCatalog | undefined;
  #foresight: Foresight | undefined;
  /** What was read for a request that is to be looked at more closely now. */
  #begun:
    | { readonly names: readonly string[]; readonly look: StoredLook; readonly at: number }
    | undefined;

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
   * Works out what `names` need, for the request that comes next. What it was found before to be up to date is
   * only recalled.
   *
   * @throws DefinitionError with every problem of the request
   */
  foresee(names: readonly string[]): void {
    const recalled = this.#noted(names);
    const isLikely = recalled !== undefined && (this.#hasLook(names) || recalled.isAsBefore());
    this.#foresight = new Foresight(names, this.now(), isLikely ? recalled : undefined);
  }

  /** What a new run for `names` needs, if that has just been worked out. */
  foreseen(names: readonly string[]): Growth | undefined {
    return this.#takeForesight(names)?.growth;
  }

  /** What a new run for `names` came to in an earlier process, if it comes to that again. */
  recalled(names: readonly string[]): RecalledGrowth | undefined {
    // It is known already that there is nothing to recall, and what was worked out is to be used.
    if (this.#foresight?.growth !== undefined) return undefined;
    const recalled = this.#takeForesight(names)?.recalled ?? this.#noted(names);
    return recalled?.isAsBefore() === true ? recalled : undefined;
  }

  /** Notes what a request has come to; tells how that will be recalled, if it will. */
  note(names: readonly string[], growth: Growth): RecalledGrowth | undefined {
    if (!this.#mayRecall()) return undefined;
    return new RequestNotes(settings()).note(names, this.now(), growth);
  }

  /** Whether it was seen just now that not all is as the last look at the tasks of a request has found it. */
  isChanged(names: readonly string[]): boolean {
    return this.#isBegun(names) && this.#begun?.look.hasChange === true;
  }

  #isBegun(names: readonly string[]): boolean {
    const begun = this.#begun;
    return begun?.names.join() === names.join() && host.now() - begun.at < begunMs;
  }

  /** What the last look at the tasks of a request has found; files that were looked at just now are not again. */
  readLook(names: readonly string[]): StoredLook | undefined {
    const begun = this.#isBegun(names) ? this.#begun : undefined;
    this.forgetLook();
    if (begun !== undefined) return begun.look;
    return new RequestNotes(settings()).readLook(names);
  }

  /** Keeps what has become of some of the tasks since the look. */
  keepNews(names: readonly string[], news: string): void {
    new RequestNotes(settings()).keepNews(names, news);
  }

  /** Keeps what a look at the tasks of a request has found. */
  keepLook(names: readonly string[], look: Buffer): void {
    new RequestNotes(settings()).keepLook(names, look);
  }

  #noted(names: readonly string[]): RecalledGrowth | undefined {
    if (!this.#mayRecall()) return undefined;
    return new RequestNotes(settings()).recall(names, this.now());
  }

  /** Whether tasks of such a request were found to be up to date. */
  #hasLook(names: readonly string[]): boolean {
    const look = this.readLook(names);
    this.#begun = look && { names, look, at: host.now() };
    look?.areFilesStill();
    return look !== undefined;
  }

  /** Whether it has just been foreseen that `names` come to what they came to before. */
  isRecalled(names: readonly string[]): boolean {
    return this.#foresight?.recalled !== undefined && this.#foresight.holdsFor(names, this.now());
  }

  /** What is up to date without a session, if that is all that `names` need; only if that is recalled. */
  async settled(names: readonly string[], settings: Settings): Promise<SettledRequest | undefined> {
    const { settledRequest } = await import('../run/settled-request.ts');
    const foresight = this.#foresight;
    if (foresight?.recalled === undefined || !this.isRecalled(names)) return undefined;
    if (!this.#hasLook(names) || this.#begun === undefined) return undefined;
    return settledRequest(foresight.recalled, this.#begun.look, settings, this.now());
  }

  /** What was read by `settled` does not count any more: files may have changed since. */
  forgetLook(): void {
    this.#begun = undefined;
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
