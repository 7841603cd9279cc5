import { inspect } from 'node:util';
import { type ChoiceMemo, castArgs } from '../model/cast-args.ts';
import type {
  ArgValues,
  Definition,
  DefinitionContext,
  DepSpec,
  InputPath,
  LockSpec,
  OutputPath,
  Params,
  PathSpec,
} from '../model/definition.ts';
import { DefinitionError, isUserError } from '../model/errors.ts';
import type { TaskNode } from '../model/node.ts';
import { isAging, isInputPath, isOutputPath } from '../model/path-spec.ts';
import { fillTemplate } from '../model/pattern.ts';
import { definitionContext } from '../model/tracked-params.ts';
import type { RawArgs } from './definition-index.ts';

/** A task as it is before its deps are resolved and its wave is known. */
export interface Seedling {
  readonly node: { -readonly [Part in keyof TaskNode]: TaskNode[Part] };
  /** Names and globs, still to be resolved. */
  readonly wantedDeps: readonly string[];
}

/** What all tasks of a request share. */
export interface Surroundings {
  readonly params: Params;
  readonly memo: ChoiceMemo;
}

/** One task while its definition is being filled. */
interface Filling {
  readonly definition: Definition;
  readonly rawArgs: RawArgs;
  readonly known: ArgValues;
  readonly context: DefinitionContext;
}

/** Whether functions have a say in the deps of a definition. */
export function computesDeps({ deps }: Definition): boolean {
  return deps.some((dep) => dep.kind === 'computed');
}

/**
 * Fills a definition with arguments.
 *
 * @throws DefinitionError for arguments that do not fit, and for what functions of the definition
 *   throw or give wrongly
 */
export function makeNode(
  definition: Definition,
  rawArgs: RawArgs,
  name: string,
  surroundings: Surroundings,
): Seedling {
  const node = makeNodeWithoutDeps(definition, rawArgs, name, surroundings);
  return { node, wantedDeps: wantedDepsOfNode(node) };
}

/**
 * As `makeNode`, of a task whose deps are known: its functions in `.deps()` are not called.
 *
 * @throws DefinitionError as `makeNode`
 */
export function makeNodeWithoutDeps(
  definition: Definition,
  rawArgs: RawArgs,
  name: string,
  { params, memo }: Surroundings,
): Seedling['node'] {
  const args = castArgs(definition, rawArgs, memo);
  const context = definitionContext(name, params);
  const known = withDefaults(definition, args);
  const filling = { definition, rawArgs, known, context };
  const outputs = outputsOf(filling);
  const areAllPaths = outputs.every(isText);
  return {
    kind: 'task',
    name,
    definition,
    rawArgs,
    args,
    deps: none,
    makers: none,
    locks: locksOf(filling),
    wave: 0,
    inputs: inputsOf(filling, 'inputs'),
    ignore: inputsOf(filling, 'ignore'),
    outputs: areAllPaths ? (outputs as readonly string[]) : outputs.map(pathOf),
    agingOutputs: areAllPaths ? none : outputs.filter(isAging),
    params,
    context,
  };
}

/**
 * The same as `wantedDeps`; params that functions read count as read by the task.
 *
 * @throws DefinitionError as `makeNode`
 */
export function wantedDepsOfNode(node: TaskNode): readonly string[] {
  const { definition, rawArgs, args, context } = node;
  const known = withDefaults(definition, args);
  const wanted = wantedDepsOf({ definition, rawArgs, known, context });
  // The list may be the user's, who may go on to change it.
  return wanted.length === 0 ? none : wanted.slice();
}

/**
 * The names and globs that a definition wants to come first, still to be resolved. To be read at once: the list
 * may be the user's.
 *
 * @throws DefinitionError as `makeNode`
 */
export function wantedDeps(
  definition: Definition,
  rawArgs: RawArgs,
  name: string,
  { params, memo }: Surroundings,
): readonly string[] {
  const known = withDefaults(definition, castArgs(definition, rawArgs, memo));
  return wantedDepsOf({ definition, rawArgs, known, context: definitionContext(name, params) });
}

/** Most lists are empty, and one empty list does for all of them. */
function inputsOf(filling: Filling, step: 'inputs' | 'ignore'): readonly PathSpec[] {
  const paths = filling.definition[step];
  if (paths.length === 0) return none;
  return paths.map((path) =>
    typeof path === 'function'
      ? () => pathsFrom(filling, step, path, isInputPath)
      : filledInput(path, filling.rawArgs),
  );
}

function outputsOf(filling: Filling): readonly OutputPath[] {
  const { outputs } = filling.definition;
  if (outputs.length === 0) return none;
  return joined(outputs, (path) =>
    typeof path === 'function'
      ? pathsFrom(filling, 'outputs', path, isOutputPath)
      : [filledOutput(path, filling.rawArgs)],
  );
}

function wantedDepsOf(filling: Filling): readonly string[] {
  const { deps } = filling.definition;
  const only = deps[0];
  if (only === undefined) return none;
  return deps.length === 1 ? depNames(only, filling) : namesOfAll(deps, filling);
}

/** Functions that are made anew have a function of their own: whatever one uses is kept for it at each call. */
function namesOfAll(deps: readonly DepSpec[], filling: Filling): readonly string[] {
  return deps.flatMap((dep) => depNames(dep, filling));
}

/** What `listOf` gives for all. Most lists have one entry, and lists that grow take room for seventeen. */
function joined<T, R>(all: readonly T[], listOf: (each: T) => readonly R[]): readonly R[] {
  const [only] = all;
  return all.length === 1 ? listOf(only as T) : all.flatMap(listOf);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function pathOf(path: OutputPath): string {
  return typeof path === 'string' ? path : path.path;
}

const none: readonly never[] = Object.freeze([]);

/**
 * `text` with its placeholders filled from the arguments and defaults.
 *
 * @throws DefinitionError `invalid-pattern` if one of them has no value
 */
export function filled(text: string, definition: Definition, rawArgs: RawArgs): string {
  if (!text.includes('[')) return text;
  let left: string | undefined;
  const full = fillTemplate(text, (argument) => {
    const value = textOf(argument, definition, rawArgs);
    if (value === undefined) left ??= argument;
    return value;
  });
  if (left === undefined) return full;
  throw new DefinitionError([
    {
      code: 'invalid-pattern',
      text: `'${text}', used by '${definition.name}', has no value for [${left}].`,
      place: definition.place,
      hint: `Make [${left}] a placeholder of the name, or give it a value: .defaults({ ${left}: '...' }).`,
    },
  ]);
}

/** An argument as it stands in the name, else its default as text. */
export function textOf(
  argument: string,
  definition: Definition,
  rawArgs: RawArgs,
): string | undefined {
  if (Object.hasOwn(rawArgs, argument)) return rawArgs[argument];
  const fallback = definition.defaults.get(argument);
  return fallback === undefined ? undefined : String(fallback);
}

function withDefaults(definition: Definition, args: ArgValues): ArgValues {
  if (definition.defaults.size === 0) return args;
  return Object.freeze({ ...Object.fromEntries(definition.defaults), ...args });
}

/** One of a name is enough, and `exclusive` includes what `shared` asks for. */
function locksOf({ definition, rawArgs }: Filling): readonly LockSpec[] {
  if (definition.locks.length === 0) return definition.locks;
  const locks = new Map<string, LockSpec>();
  for (const lock of definition.locks) {
    const name = filled(lock.name, definition, rawArgs);
    if (lock.mode === 'exclusive' || !locks.has(name)) locks.set(name, { name, mode: lock.mode });
  }
  return [...locks.values()];
}

function depNames(dep: DepSpec, filling: Filling): readonly string[] {
  if (dep.kind !== 'computed') return [depName(dep, filling)];
  let given: unknown;
  try {
    given = dep.depsOf(filling.known, filling.context);
  } catch (error) {
    throw thrownBy(filling, 'deps', error);
  }
  // Most often it is the list itself, which is the user's.
  if (Array.isArray(given) && given.every(isPlainText)) return given.length === 0 ? none : given;
  return Array.isArray(given) && given.every(isText)
    ? filledAll(given, filling)
    : namesOfSpecs(given, filling);
}

function namesOfSpecs(given: unknown, filling: Filling): readonly string[] {
  if (!Array.isArray(given) || !given.every(isDepSpec)) {
    return wrongResult(filling, 'deps', wrongDepIn(given), 'names, references or handles');
  }
  return given.every(isNamed)
    ? given.map((each) => depName(each, filling))
    : given.flatMap((each) => depNames(each, filling));
}

function filledAll(texts: readonly string[], { definition, rawArgs }: Filling): readonly string[] {
  return texts.map((text) => filled(text, definition, rawArgs));
}

function isPlainText(value: unknown): value is string {
  return typeof value === 'string' && !value.includes('[');
}

type NamedDep = Exclude<DepSpec, { readonly kind: 'computed' }>;

function isNamed(dep: DepSpec): dep is NamedDep {
  return dep.kind !== 'computed';
}

function depName(dep: NamedDep, { definition, rawArgs }: Filling): string {
  return dep.kind === 'exact' ? dep.name : filled(dep.text, definition, rawArgs);
}

/** The DSL takes for a pattern whatever is nothing else: what the user gave is inside. */
function wrongDepIn(given: unknown): unknown {
  const wrong: unknown = Array.isArray(given) ? given.find((each) => !isDepSpec(each)) : given;
  return typeof wrong === 'object' && wrong !== null && 'text' in wrong ? wrong.text : wrong;
}

function isDepSpec(value: unknown): value is DepSpec {
  if (typeof value !== 'object' || value === null || !('kind' in value)) return false;
  switch (value.kind) {
    case 'exact':
      return 'name' in value && typeof value.name === 'string';
    case 'pattern':
      return 'text' in value && typeof value.text === 'string';
    default:
      return value.kind === 'computed' && 'depsOf' in value && typeof value.depsOf === 'function';
  }
}

function pathsFrom<T>(
  filling: Filling,
  step: string,
  path: (args: ArgValues, ctx: DefinitionContext) => readonly T[],
  isPath: (value: unknown) => value is T,
): readonly T[] {
  let given: unknown;
  try {
    given = path(filling.known, filling.context);
  } catch (error) {
    throw thrownBy(filling, step, error);
  }
  if (Array.isArray(given) && given.every(isPath)) return given;
  return wrongResult(filling, step, given, 'paths');
}

function filledInput(path: InputPath, rawArgs: RawArgs): InputPath {
  if (typeof path === 'string') return filledPath(path, rawArgs);
  // The root is a folder and no glob, so that nothing in it needs to be escaped.
  const root = fillTemplate(path.root, (name) =>
    Object.hasOwn(rawArgs, name) ? rawArgs[name] : undefined,
  );
  return { ...path, root };
}

function filledOutput(path: OutputPath, rawArgs: RawArgs): OutputPath {
  if (typeof path === 'string') return filledPath(path, rawArgs);
  return { ...path, path: filledPath(path.path, rawArgs) };
}

/** Fills arguments only: any other bracket in a path is a glob class. */
function filledPath(path: string, rawArgs: RawArgs): string {
  if (!path.includes('[')) return path;
  return fillTemplate(path, (argument) =>
    Object.hasOwn(rawArgs, argument) ? escaped(rawArgs[argument]) : undefined,
  );
}

function escaped(value: string | undefined): string | undefined {
  if (value === undefined || plainValue.test(value)) return value;
  return value.replace(/[*?{}()![\]\\]/g, '\\$&');
}

const plainValue = /^[\w.@+-]*$/;

/** What to throw when a function of a definition has thrown. */
function thrownBy({ definition, context }: Filling, step: string, error: unknown): unknown {
  if (isUserError(error)) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new DefinitionError([
    {
      code: 'invalid-option',
      text: `A function in .${step}() of '${definition.name}' threw for '${context.name}': ${message}`,
      place: definition.place,
    },
  ]);
}

function wrongResult(
  { definition, context }: Filling,
  step: string,
  given: unknown,
  expected: string,
): never {
  const shown = inspect(given, { depth: 1, breakLength: Number.POSITIVE_INFINITY });
  throw new DefinitionError([
    {
      code: 'invalid-option',
      text: `A function in .${step}() of '${definition.name}' gave no ${expected} for '${context.name}', but ${shown}.`,
      place: definition.place,
      hint: `Return one of them or an array of them; an async function gives a promise, which does not do.`,
    },
  ]);
}
