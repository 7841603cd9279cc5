import { castArgs } from '../model/cast-args.ts';
import type { ArgValues, Definition, DepSpec, PathSpec } from '../model/definition.ts';
import { DefinitionError, isUserError } from '../model/errors.ts';
import type { TaskNode } from '../model/node.ts';
import { fillTemplate, placeholdersIn } from '../model/pattern.ts';
import type { RawArgs } from './resolve-name.ts';

/** A task as it is before its deps are resolved: `deps` as written, with arguments filled in. */
export interface Seedling {
  readonly node: Omit<TaskNode, 'deps'>;
  /** Names and globs, still to be resolved. */
  readonly wantedDeps: readonly string[];
}

/**
 * Fills a definition with arguments.
 *
 * @throws DefinitionError for arguments that do not fit, and for what functions of the definition
 *   throw or give wrongly
 */
export function makeNode(definition: Definition, rawArgs: RawArgs, name: string): Seedling {
  const args = castArgs(definition, rawArgs);
  const known = withDefaults(definition, args);
  const fill = (text: string): string => filled(text, definition, rawArgs);
  const fillPath = (path: PathSpec): PathSpec =>
    typeof path === 'string' ? filledPath(path, rawArgs) : () => path(known, { name });
  const outputs = definition.outputs.flatMap((path) =>
    typeof path === 'string'
      ? [filledPath(path, rawArgs)]
      : computed(definition, name, 'outputs', () => path(known, { name })),
  );
  return {
    node: {
      kind: 'task',
      name,
      definition,
      rawArgs,
      args,
      locks: [...new Set(definition.locks.map(fill))],
      inputs: definition.inputs.map(fillPath),
      ignore: definition.ignore.map(fillPath),
      outputs,
    },
    wantedDeps: definition.deps.flatMap((dep) => depNames(dep, definition, rawArgs, known, name)),
  };
}

function depNames(
  dep: DepSpec,
  definition: Definition,
  rawArgs: RawArgs,
  known: ArgValues,
  name: string,
): string[] {
  if (dep.kind === 'exact') return [dep.name];
  if (dep.kind === 'pattern') return [filled(dep.text, definition, rawArgs)];
  const inner = computed(definition, name, 'deps', () => dep.depsOf(known, { name }));
  return inner.flatMap((each) => depNames(each, definition, rawArgs, known, name));
}

function withDefaults(definition: Definition, args: ArgValues): ArgValues {
  return Object.freeze({ ...Object.fromEntries(definition.defaults), ...args });
}

function filled(text: string, definition: Definition, rawArgs: RawArgs): string {
  const full = fillTemplate(text, (argument) => {
    const fallback = definition.defaults.get(argument);
    return rawArgs[argument] ?? (fallback === undefined ? undefined : String(fallback));
  });
  const [left] = placeholdersIn(full);
  if (left === undefined) return full;
  throw new DefinitionError([
    {
      code: 'invalid-pattern',
      text: `'${text}', used by '${definition.name}', has no value for [${left}].`,
      place: definition.place,
      hint: 'Use a placeholder of the name, or give a value with .defaults().',
    },
  ]);
}

/** Fills arguments only: any other bracket in a path is a glob class. */
function filledPath(path: string, rawArgs: RawArgs): string {
  return fillTemplate(path, (argument) => rawArgs[argument]?.replace(/[*?{}()![\]\\]/g, '\\$&'));
}

function computed<T>(
  definition: Definition,
  name: string,
  step: string,
  compute: () => readonly T[],
): readonly T[] {
  try {
    return compute();
  } catch (error) {
    if (isUserError(error)) throw error;
    const message = error instanceof Error ? error.message : String(error);
    throw new DefinitionError([
      {
        code: 'invalid-option',
        text: `A function in .${step}() of '${definition.name}' threw for '${name}': ${message}`,
        place: definition.place,
      },
    ]);
  }
}
