import { watchPipes } from '../base/piped-errors.ts';
import { isDefined, isWorkerProcess, sealedDefinitions, settings } from '../dsl/program.ts';
import { choicesOf } from '../model/cast-args.ts';
import type { Definition, DepSpec } from '../model/definition.ts';
import { DefinitionError } from '../model/errors.ts';
import { isProtoShaped } from '../model/pattern.ts';
import { adoptNative } from './adopt-native.ts';
import { isAskedByGulpCli, isAskedToCompose } from './caller.ts';
import { ForwardNames } from './forward-names.ts';
import type { GulpBuild } from './gulp-build.ts';
import type { GulpCallable, Registry, Taker } from './gulp-types.ts';

/**
 * The registry that gulp asks for tasks (gulp: custom registries). It keeps gulp's own tasks and
 * answers for ours, also for names that are not listed anywhere, such as `styles::dev`.
 */
export class ParprocRegistry implements Registry {
  readonly #build: GulpBuild;
  /** What `gulp --tasks` lists for a definition, by its name as written. */
  readonly #listed = new Map<string, GulpCallable>();
  #taker: Taker | undefined;
  #listing: GulpCallable | undefined;
  #isChecked = false;
  readonly #forward = new ForwardNames(
    (name) => this.#find(name),
    (name) => this.#refuse(name),
  );
  /** Whether names that nothing has yet are none. */
  #isStrict = false;

  constructor(build: GulpBuild) {
    this.#build = build;
  }

  init(taker: Taker): void {
    this.#taker = taker;
    watchPipes();
    this.#build.join(taker);
  }

  /** @throws DefinitionError, UsageError when gulp-cli asks for names that nothing can stand for */
  get(name: string): GulpCallable | undefined {
    if (isWorkerProcess()) return this.#build.native(name) ?? this.#build.functionFor(name);
    if (!this.#isChecked && isAskedByGulpCli()) {
      this.#isChecked = true;
      this.#forward.check();
      this.#build.checkCommandLine((each) => this.#isOurs(each));
    }
    if (this.#build.isDryRun && this.#build.native(name) !== undefined && isAskedByGulpCli()) {
      return this.#build.dryRunOf(name);
    }
    const found = this.#find(name);
    if (found !== undefined || this.#isStrict || !isAskedToCompose()) return found;
    // It may be defined further down, which is known when gulp-cli asks for what it is to run.
    return this.#isChecked || isAskedByGulpCli() ? undefined : this.#forward.functionFor(name);
  }

  #find(name: string): GulpCallable | undefined {
    const listed = this.#listed.get(name);
    if (listed !== undefined) return listed;
    return this.#isOurs(name) ? this.#build.functionFor(name) : this.#build.native(name);
  }

  /** gulp has its own words for it, and knows which names are near. */
  #refuse(name: string): never {
    this.#isStrict = true;
    try {
      this.#taker?.series(name);
    } finally {
      this.#isStrict = false;
    }
    throw new Error(`Task never defined: ${name}`);
  }

  /** @throws DefinitionError `duplicate-task` if gulp's task would hide one of ours, and what `adoptNative` does */
  set(name: string, fn: GulpCallable): GulpCallable {
    if (this.#listing !== undefined) return this.#listing;
    if (this.#build.owns(fn)) {
      if (!isDefined(name)) this.#build.setNative(name, fn);
      return fn;
    }
    if (adoptNative(name, fn, this.#build.gulpfile, (each) => this.#build.functionFor(each))) {
      return fn;
    }
    const ours = isDefined(name) ? sealedDefinitions().get(name) : undefined;
    if (ours !== undefined) {
      throw new DefinitionError([
        {
          code: 'duplicate-task',
          text: `gulp.task() or an export defines '${name}', which is a task of parproc already.`,
          place: ours.place,
          hint: 'Give one of them another name.',
        },
      ]);
    }
    this.#build.setNative(name, fn);
    return fn;
  }

  tasks(): Record<string, GulpCallable> {
    for (const definition of sealedDefinitions().values()) this.#list(definition);
    // gulp reads the keys: a null prototype keeps names such as 'constructor' out of trouble.
    const all = Object.create(null) as Record<string, GulpCallable>;
    for (const [name, fn] of [...this.#build.natives(), ...this.#listed]) all[name] = fn;
    return all;
  }

  /** Only names that parproc alone can mean, or that it defines; the rest gets gulp's own message. */
  #isOurs(name: string): boolean {
    if (this.#build.nativeNames.has(name)) return false;
    return isDefined(name) || isProtoShaped(name, settings().separator);
  }

  /**
   * Has gulp note the definition with its deps as a tree, without giving gulp anything to run but
   * the function that goes through us.
   */
  #list(definition: Definition): void {
    const taker = this.#taker;
    if (taker === undefined || this.#listed.has(definition.name)) return;
    const fn = listedFunction(definition, this.#build.functionFor(definition.name));
    const deps = definition.deps.map(depLeaf);
    this.#listing = fn;
    try {
      taker.task(definition.name, deps.length === 0 ? fn : taker.parallel(...deps));
    } finally {
      this.#listing = undefined;
    }
    this.#listed.set(definition.name, fn);
    this.#build.noteListed(fn);
  }
}

function listedFunction(definition: Definition, run: GulpCallable): GulpCallable {
  const fn: GulpCallable = (done) => run(done);
  Object.defineProperty(fn, 'name', { value: definition.name });
  const choices = definition.pattern.placeholders.flatMap((name): [string, string][] => {
    const values = choicesOf(definition.args.get(name));
    return values === undefined ? [] : [[`[${name}]`, values.map(String).join(' | ')]];
  });
  return Object.assign(fn, {
    displayName: definition.name,
    ...(definition.description !== undefined && { description: definition.description }),
    ...(choices.length > 0 && { flags: Object.fromEntries(choices) }),
  });
}

/** Stands for a dep in the tree that gulp prints; never called. */
function depLeaf(dep: DepSpec): GulpCallable {
  const leaf: GulpCallable = () => undefined;
  leaf.displayName =
    dep.kind === 'pattern' ? dep.text : dep.kind === 'exact' ? dep.name : '<computed>';
  return leaf;
}
