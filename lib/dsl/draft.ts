import { inspect } from 'node:util';
import type {
  Action,
  ArgSpec,
  CodeScope,
  Definition,
  DepSpec,
  LockSpec,
  OutputSpec,
  PathSpec,
  Retries,
  ReverseDep,
} from '../model/definition.ts';
import { DefinitionError, type ErrorCode } from '../model/errors.ts';
import type { LogIgnore } from '../model/log-rule.ts';
import { type Pattern, parsePattern, placeholdersIn } from '../model/pattern.ts';
import type { Service } from '../model/service.ts';
import type { CallSite } from './call-site.ts';
import { serviceConflict } from './service-options.ts';

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
  readonly outputs: OutputSpec[] = [];
  readonly rdeps: ReverseDep[] = [];
  readonly locks: LockSpec[] = [];
  readonly env: string[] = [];
  readonly logIgnore: LogIgnore[] = [];
  description: string | undefined;
  noFailures: boolean = false;
  wave: number | undefined;
  timeoutMs: number | undefined;
  softTimeoutMs: number | undefined;
  debounceMs: number | undefined;
  retries: Retries | undefined;
  noSkip: boolean = false;
  code: CodeScope | undefined;
  trackImports: boolean | undefined;
  now: boolean = false;
  inProcess: boolean = false;
  isolate: boolean = false;
  service: Service | undefined;
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
    if (this.#sealed === undefined) this.#refuseConflicts();
    this.#sealed ??= Object.freeze({
      name: this.name,
      pattern: this.pattern,
      place: this.site.place,
      args: this.args,
      defaults: this.defaults,
      deps: Object.freeze([...this.deps]),
      rdeps: Object.freeze([...this.rdeps]),
      noFailures: this.noFailures,
      inputs: Object.freeze([...this.inputs]),
      ignore: Object.freeze([...this.ignore]),
      outputs: Object.freeze([...this.outputs]),
      locks: Object.freeze([...this.locks]),
      env: Object.freeze([...new Set(this.env)].sort()),
      logIgnore: Object.freeze([...this.logIgnore]),
      noSkip: this.noSkip,
      now: this.now,
      inProcess: this.inProcess,
      isolate: this.isolate,
      ...given({
        description: this.description,
        wave: this.wave,
        timeoutMs: this.timeoutMs,
        softTimeoutMs: this.softTimeoutMs,
        debounceMs: this.debounceMs,
        retries: this.retries,
        code: this.code,
        trackImports: this.trackImports,
        service: this.service,
        action: this.action,
      }),
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

  #refuseConflicts(): void {
    this.#refuseComposition();
    const conflict = serviceConflict(this);
    if (conflict !== undefined) this.fail('definition-conflict', ...conflict);
    if (this.isolate && this.inProcess) {
      this.fail(
        'definition-conflict',
        `'${this.name}' has both .isolate() and .inProcess().`,
        'The one asks for a process of its own, the other for none. Take one away.',
      );
    }
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

  /** @throws DefinitionError `invalid-option`: always */
  refuse(step: string, given: unknown, hint: string): never {
    this.fail('invalid-option', `.${step}() of '${this.name}' is given ${inspect(given)}.`, hint);
  }

  /** @throws DefinitionError `invalid-option` if `given` is no object with names and values */
  requireObject(step: string, given: unknown, example: string): void {
    if (typeof given === 'object' && given !== null && !Array.isArray(given)) return;
    this.refuse(step, given, `Give an object: .${step}(${example}).`);
  }

  fail(code: ErrorCode, text: string, hint?: string): never {
    throw new DefinitionError([{ code, text, place: this.site.place, hint }]);
  }
}

/** The members that have a value. */
function given<T extends object>(members: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const entries = Object.entries(members).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]?: Exclude<T[K], undefined> };
}

const composers = new Set(['series', 'parallel', 'settleSeries', 'settleParallel']);

/** gulp gives its compositions no mark; they are known by their name and by what is in them. */
function isComposed(fn: Action['run']): boolean {
  return composers.has(fn.name) && /\bnowAndLater\b/.test(String(fn));
}
