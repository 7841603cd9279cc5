import { isArgSpec } from '../model/cast-args.ts';
import type { Ref } from '../model/context.ts';
import type { Action, ArgSpec, CodeScope, InputPath, OutputPath } from '../model/definition.ts';
import { type Duration, millisecondsOf, quietMsOf } from '../model/duration.ts';
import { instanceName } from '../model/instance-name.ts';
import type { LogIgnore } from '../model/log-rule.ts';
import { isInputPath, isOutputPath } from '../model/path-spec.ts';
import type { GulpFunction, GulpTask } from './builder-types.ts';
import type { Draft } from './draft.ts';
import {
  type DepFunctionInput,
  type DepInput,
  depSpecOf,
  lockSpecOf,
  logIgnoreOf,
  type PathInput,
  pathSpecOf,
} from './entries.ts';
import type { ConditionalReverseDep, NoFailures, SharedLock } from './markers.ts';
import { type RetryOptions, retriesOf } from './retries.ts';
import { reverseDepOf } from './reverse-dep.ts';
import { type ServiceOptions, serviceOf } from './service-options.ts';

/** What the user holds: every step changes the draft behind it. Its types are in `builder-types`. */
export class TaskBuilder {
  readonly kind = 'task';
  readonly name: string;
  readonly #draft: Draft;
  readonly #gulpTaskFor: (name: string) => GulpTask;

  /** @param gulpTaskFor Makes the function that gulp calls to run the task of a name. */
  constructor(draft: Draft, gulpTaskFor: (name: string) => GulpTask) {
    this.name = draft.name;
    this.#draft = draft;
    this.#gulpTaskFor = gulpTaskFor;
  }

  describe(text: string): this {
    const draft = this.#once('describe', this.#draft.description);
    if (typeof text !== 'string') draft.refuse('describe', text, 'Give a text.');
    draft.description = text;
    return this;
  }

  args(specs: Readonly<Record<string, ArgSpec>>): this {
    const draft = this.#open('args');
    draft.requireObject('args', specs, "{ env: ['dev', 'prod'] }");
    for (const [name, spec] of Object.entries(specs)) {
      if (!draft.pattern.placeholders.includes(name)) {
        const known = draft.pattern.placeholders.map((each) => `[${each}]`).join(', ');
        draft.fail(
          'invalid-option',
          `.args() names '${name}', which is no argument of '${draft.name}'.`,
          known === '' ? 'This name has no placeholders.' : `Its arguments are ${known}.`,
        );
      }
      if (!isArgSpec(spec)) {
        const hint =
          'Give choices, String, Number, Boolean, BigInt, { pattern: /.../ } or a schema.';
        draft.refuse('args', { [name]: spec }, hint);
      }
      draft.args.set(name, spec);
    }
    return this;
  }

  defaults(values: Readonly<Record<string, unknown>>): this {
    const draft = this.#open('defaults');
    draft.requireObject('defaults', values, "{ env: 'dev' }");
    for (const [name, value] of Object.entries(values)) draft.defaults.set(name, value);
    return this;
  }

  deps(...deps: (DepInput | DepFunctionInput | NoFailures)[]): this {
    const draft = this.#open('deps');
    for (const dep of deps) {
      if (isNoFailures(dep)) {
        draft.noFailures = true;
        continue;
      }
      draft.deps.push(depSpecOf(dep, draft));
    }
    return this;
  }

  rdeps(...entries: (string | ConditionalReverseDep)[]): this {
    const draft = this.#open('rdeps');
    for (const entry of entries) draft.rdeps.push(reverseDepOf(entry, draft));
    return this;
  }

  inputs(...paths: PathInput<InputPath>[]): this {
    return this.#addPaths('inputs', paths);
  }

  ignore(...paths: PathInput<InputPath>[]): this {
    return this.#addPaths('ignore', paths);
  }

  outputs(...paths: PathInput<OutputPath>[]): this {
    const draft = this.#open('outputs');
    for (const path of paths) draft.outputs.push(pathSpecOf(path, 'outputs', isOutputPath, draft));
    return this;
  }

  locks(...locks: (string | SharedLock)[]): this {
    const draft = this.#open('locks');
    for (const lock of locks) draft.locks.push(lockSpecOf(lock, draft));
    return this;
  }

  wave(wave: number): this {
    const draft = this.#once('wave', this.#draft.wave);
    if (!Number.isSafeInteger(wave)) {
      const text = `.wave() of '${this.name}' is ${String(wave)}.`;
      draft.fail('invalid-option', text, 'Give a whole number; lower ones come first.');
    }
    draft.wave = wave;
    return this;
  }

  env(...names: string[]): this {
    const draft = this.#open('env');
    for (const name of names) {
      if (typeof name !== 'string' || name === '' || name.includes('=')) {
        const text = `.env() of '${this.name}' is given ${JSON.stringify(name)}.`;
        draft.fail(
          'invalid-option',
          text,
          "Give names of environment variables: .env('NODE_ENV').",
        );
      }
      draft.env.push(name);
    }
    return this;
  }

  logIgnore(...rules: LogIgnore[]): this {
    const draft = this.#open('logIgnore');
    for (const rule of rules) draft.logIgnore.push(logIgnoreOf(rule, draft));
    return this;
  }

  retries(count: number, options: RetryOptions = {}): this {
    const draft = this.#once('retries', this.#draft.retries);
    draft.retries = retriesOf(count, options, draft);
    return this;
  }

  now(): this {
    this.#open('now').now = true;
    return this;
  }

  isolate(): this {
    this.#open('isolate').isolate = true;
    return this;
  }

  timeout(limit: Duration): this {
    const draft = this.#once('timeout', this.#draft.timeoutMs);
    draft.timeoutMs = millisecondsOf(limit, `.timeout() of '${this.name}'`, draft.site.place);
    return this;
  }

  debounce(quiet: Duration): this {
    const draft = this.#once('debounce', this.#draft.debounceMs);
    draft.debounceMs = quietMsOf(quiet, `.debounce() of '${this.name}'`, draft.site.place);
    return this;
  }

  softTimeout(limit: Duration): this {
    const draft = this.#once('softTimeout', this.#draft.softTimeoutMs);
    draft.softTimeoutMs = millisecondsOf(
      limit,
      `.softTimeout() of '${this.name}'`,
      draft.site.place,
    );
    return this;
  }

  code(scope: CodeScope): this {
    const draft = this.#once('code', this.#draft.code);
    if (scope !== 'module' && scope !== 'function') {
      const text = `.code() of '${this.name}' is given ${JSON.stringify(scope)}.`;
      draft.fail('invalid-option', text, "Give 'module' or 'function'.");
    }
    draft.code = scope;
    return this;
  }

  trackImports(isOn: boolean = true): this {
    const draft = this.#once('trackImports', this.#draft.trackImports);
    if (typeof isOn !== 'boolean') {
      const text = `.trackImports() of '${this.name}' is given ${JSON.stringify(isOn)}.`;
      draft.fail('invalid-option', text, 'Give true or false.');
    }
    draft.trackImports = isOn;
    return this;
  }

  noSkip(): this {
    this.#open('noSkip').noSkip = true;
    return this;
  }

  inProcess(): this {
    this.#open('inProcess').inProcess = true;
    return this;
  }

  service(options: ServiceOptions): this {
    const draft = this.#once('service', this.#draft.service);
    draft.service = serviceOf(options, draft);
    return this;
  }

  wrap(fn: GulpFunction): this {
    return this.#act('wrap', { kind: 'gulp', run: fn });
  }

  action(fn: Action['run']): this {
    return this.#act('action', { kind: 'action', run: fn });
  }

  of(args: Readonly<Record<string, unknown>> = {}): Ref {
    return Object.freeze({ kind: 'ref', name: this.#nameFor(args) });
  }

  gulp(args: Readonly<Record<string, unknown>> = {}): GulpTask {
    return this.#gulpTaskFor(this.#nameFor(args));
  }

  #addPaths(step: 'inputs' | 'ignore', paths: readonly PathInput<InputPath>[]): this {
    const draft = this.#open(step);
    for (const path of paths) draft[step].push(pathSpecOf(path, step, isInputPath, draft));
    return this;
  }

  #nameFor(args: Readonly<Record<string, unknown>>): string {
    const { pattern, args: specs, defaults, site } = this.#draft;
    this.#draft.requireObject('of', args, "{ env: 'dev' }");
    return instanceName(
      { name: this.name, pattern, args: specs, defaults, place: site.place },
      args,
    );
  }

  #act(step: string, action: Action): this {
    const draft = this.#once(step, this.#draft.action);
    if (typeof action.run !== 'function') {
      draft.fail('invalid-option', `.${step}() of '${this.name}' was given no function.`);
    }
    draft.action = action;
    return this;
  }

  #once(step: string, before: unknown): Draft {
    const draft = this.#open(step);
    if (before !== undefined) {
      draft.fail('definition-conflict', `.${step}() of '${this.name}' comes twice.`);
    }
    return draft;
  }

  #open(step: string): Draft {
    this.#draft.assertOpen(step);
    return this.#draft;
  }
}

function isNoFailures(dep: unknown): dep is NoFailures {
  return typeof dep === 'object' && dep !== null && 'kind' in dep && dep.kind === 'no-failures';
}
