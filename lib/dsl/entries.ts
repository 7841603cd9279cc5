import type {
  ArgValues,
  DefinitionContext,
  DepSpec,
  InputPath,
  LockSpec,
  OutputPath,
} from '../model/definition.ts';
import type { LogIgnore } from '../model/log-rule.ts';
import type { Draft } from './draft.ts';

/** One dep as the user gives it. */
export type DepInput = string | { readonly kind: 'ref' | 'task'; readonly name: string };

/** A function in `.deps()`. */
export type DepFunctionInput = (
  args: ArgValues,
  ctx: DefinitionContext,
) => DepInput | readonly DepInput[];

/** One entry of `.inputs()`, `.ignore()` or `.outputs()` as the user gives it. */
export type PathInput<T> = T | ((args: ArgValues, ctx: DefinitionContext) => T | readonly T[]);

/** @throws DefinitionError `invalid-option` for what is no dep, `invalid-pattern` */
export function depSpecOf(dep: DepInput | DepFunctionInput, draft: Draft): DepSpec {
  if (typeof dep === 'function') return computedDeps(dep);
  const spec = depOf(dep);
  if (spec === undefined) {
    draft.refuse('deps', dep, "Give names, tasks, references and functions: .deps('a', 'b').");
  }
  if (spec.kind === 'pattern') draft.assertFillable(spec.text, 'deps');
  return spec;
}

/** @throws DefinitionError `invalid-option` for what is no path */
export function pathSpecOf<T extends InputPath | OutputPath>(
  path: PathInput<T>,
  step: string,
  isPath: (value: unknown) => value is T,
  draft: Draft,
): T | ((args: ArgValues, ctx: DefinitionContext) => readonly T[]) {
  if (isPath(path)) return path;
  if (typeof path !== 'function') {
    draft.refuse(step, path, `Give paths, globs and functions: .${step}('a/*', 'b').`);
  }
  const pathsOf = (args: ArgValues, ctx: DefinitionContext): readonly T[] =>
    listOf(path(args, ctx));
  // The cache compares definitions by their source, which has to be the user's.
  pathsOf.toString = () => path.toString();
  return pathsOf;
}

/** @throws DefinitionError `invalid-option` for what is no lock, `invalid-pattern` */
export function lockSpecOf(lock: unknown, draft: Draft): LockSpec {
  const isShared = isNamed(lock) && lock.kind === 'shared';
  const name = isShared ? lock.name : lock;
  if (typeof name !== 'string' || name === '') {
    draft.refuse('locks', lock, "Give names, and shared('name') for readers.");
  }
  draft.assertFillable(name, 'locks');
  return { name, mode: isShared ? 'shared' : 'exclusive' };
}

/** @throws DefinitionError `invalid-option` for what says nothing about lines */
export function logIgnoreOf(rule: unknown, draft: Draft): LogIgnore {
  if (rule instanceof RegExp) return rule;
  const { kind, pattern } = (rule ?? {}) as { kind?: unknown; pattern?: unknown };
  if (kind === 'log-rule' && pattern instanceof RegExp) return rule as LogIgnore;
  return draft.refuse(
    'logIgnore',
    rule,
    'Give regular expressions, ignoreAlways(/.../) or ignoreIfSucceeded(/.../).',
  );
}

function depOf(dep: unknown): DepSpec | undefined {
  if (typeof dep === 'string') return { kind: 'pattern', text: dep };
  if (!isNamed(dep)) return undefined;
  if (dep.kind === 'ref') return { kind: 'exact', name: dep.name };
  return dep.kind === 'task' ? { kind: 'pattern', text: dep.name } : undefined;
}

function isText(dep: unknown): dep is string {
  return typeof dep === 'string';
}

function isNamed(value: unknown): value is { readonly kind: unknown; readonly name: string } {
  if (typeof value !== 'object' || value === null) return false;
  return 'kind' in value && 'name' in value && typeof value.name === 'string';
}

function computedDeps(compute: DepFunctionInput): DepSpec {
  // What is no dep stays as it is, for whoever uses the result to show it.
  const depsOf: Extract<DepSpec, { kind: 'computed' }>['depsOf'] = (args, ctx) => {
    const given: readonly unknown[] = listOf(compute(args, ctx));
    // By far the most, and called for each of thousands of tasks.
    if (given.every(isText)) return given;
    return given.map((dep): DepSpec => depOf(dep) ?? (dep as never));
  };
  depsOf.toString = () => compute.toString();
  return { kind: 'computed', depsOf };
}

function listOf<T>(value: T | readonly T[]): readonly T[] {
  return Array.isArray(value) ? (value as readonly T[]) : [value as T];
}
