import type { Action, ArgSpec, Definition, DepSpec, PathSpec } from '../model/definition.ts';
import { DefinitionError, type ErrorCode } from '../model/errors.ts';
import { type Pattern, parsePattern, placeholdersIn } from '../model/pattern.ts';
import type { CallSite } from './call-site.ts';

/** A definition while it is being written: each step of the builder adds to it until it is used. */
export class Draft {
  readonly name: string;
  readonly site: CallSite;
  readonly pattern: Pattern;
  readonly args: Map<string, ArgSpec> = new Map();
  readonly defaults: Map<string, unknown> = new Map();
  readonly deps: DepSpec[] = [];
  readonly inputs: PathSpec[] = [];
  readonly ignore: PathSpec[] = [];
  readonly outputs: PathSpec[] = [];
  readonly locks: string[] = [];
  description: string | undefined;
  timeoutMs: number | undefined;
  noSkip: boolean = false;
  inProcess: boolean = false;
  action: Action | undefined;
  #sealed: Definition | undefined;

  /** @throws DefinitionError `invalid-name` */
  constructor(name: string, separator: string, site: CallSite) {
    this.name = name;
    this.site = site;
    this.pattern = parsePattern(name, separator, site.place);
  }

  /**
   * The finished definition; the same object each time.
   *
   * @throws DefinitionError `definition-conflict` for steps that cannot go together
   */
  seal(): Definition {
    if (this.#sealed === undefined) this.#refuseComposition();
    this.#sealed ??= Object.freeze({
      name: this.name,
      pattern: this.pattern,
      place: this.site.place,
      ...(this.description !== undefined && { description: this.description }),
      args: this.args,
      defaults: this.defaults,
      deps: Object.freeze([...this.deps]),
      inputs: Object.freeze([...this.inputs]),
      ignore: Object.freeze([...this.ignore]),
      outputs: Object.freeze([...this.outputs]),
      locks: Object.freeze([...this.locks]),
      ...(this.timeoutMs !== undefined && { timeoutMs: this.timeoutMs }),
      noSkip: this.noSkip,
      inProcess: this.inProcess,
      ...(this.action !== undefined && { action: this.action }),
    });
    return this.#sealed;
  }

  /** @throws DefinitionError `definition-sealed` once a run has used the definition. */
  assertOpen(step: string): void {
    if (this.#sealed === undefined) return;
    this.fail(
      'definition-sealed',
      `.${step}() of '${this.name}' comes after the task was used.`,
      'Finish a definition where it begins, before anything runs it.',
    );
  }

  /** @throws DefinitionError `invalid-pattern` if `text` has a placeholder that nothing fills. */
  assertFillable(text: string, step: string): void {
    const unknown = placeholdersIn(text).find((name) => !this.knows(name));
    if (unknown === undefined) return;
    this.fail(
      'invalid-pattern',
      `.${step}('${text}') of '${this.name}' has no argument [${unknown}] to fill in.`,
      'Use a placeholder of the name, or give a value with .defaults().',
    );
  }

  /** Whether `name` is an argument or has a default. */
  knows(name: string): boolean {
    return this.pattern.placeholders.includes(name) || this.defaults.has(name);
  }

  /** What gulp has composed runs gulp's own tasks, and those exist only in the gulp process. */
  #refuseComposition(): void {
    if (this.inProcess || this.action?.kind !== 'gulp' || !isComposed(this.action.run)) return;
    this.fail(
      'definition-conflict',
      `.wrap() of '${this.name}' was given what gulp.series() or gulp.parallel() made.`,
      'Add .inProcess(), or give the parts tasks of their own and name them in .deps().',
    );
  }

  fail(code: ErrorCode, text: string, hint?: string): never {
    throw new DefinitionError([{ code, text, place: this.site.place, hint }]);
  }
}

const composers = new Set(['series', 'parallel', 'settleSeries', 'settleParallel']);

/** gulp gives its compositions no mark; they are known by their name and by what is in them. */
function isComposed(fn: Action['run']): boolean {
  return composers.has(fn.name) && /\bnowAndLater\b/.test(String(fn));
}
