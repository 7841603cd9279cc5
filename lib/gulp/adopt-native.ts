import { outerSite } from '../dsl/call-site.ts';
import { Draft } from '../dsl/draft.ts';
import { addDraft, settings } from '../dsl/program.ts';
import { TaskBuilder } from '../dsl/task-builder.ts';
import { DefinitionError } from '../model/errors.ts';
import type { GulpCallable } from './gulp-types.ts';

/**
 * Takes a task of gulp's own in as one of ours if its function says what it reads, as the property
 * `inputs`: it runs in gulp's process, as before, and only if something of that has changed.
 *
 * @param gulpfile Where it is taken to be defined if gulp-cli has registered an export.
 * @returns Whether it does.
 * @throws DefinitionError `duplicate-task`, `invalid-name`, `invalid-option`, `definition-conflict`
 */
export function adoptNative(
  name: string,
  fn: GulpCallable,
  gulpfile: string | undefined,
  gulpTaskFor: (name: string) => GulpCallable,
): boolean {
  const own = fn.unwrap?.() ?? fn;
  if (own.inputs === undefined) return false;
  // Defined by gulp.task() and exported as well, or handed from one registry to the next.
  if (adopted.get(own)?.has(name) === true) return true;
  const draft = new Draft(name, settings().separator, outerSite(gulpfile));
  if (draft.pattern.placeholders.length > 0) refuseProto(draft);
  addDraft(draft);
  const task = new TaskBuilder(draft, gulpTaskFor);
  if (own.description !== undefined) task.describe(own.description);
  task
    .inProcess()
    .inputs(...listOf(own.inputs))
    .outputs(...listOf(own.outputs ?? []));
  draft.action = { kind: 'gulp', run: own, hasNoResult: true };
  adopted.set(own, new Set(adopted.get(own)).add(name));
  return true;
}

/** Names by function. */
const adopted = new WeakMap<GulpCallable, Set<string>>();

function listOf<T>(paths: T | readonly T[]): readonly T[] {
  return ([] as T[]).concat(paths as T[]);
}

function refuseProto({ name, site: { place } }: Draft): never {
  const text = `The gulp task '${name}' has inputs, and a name with placeholders.`;
  const hint = "Give it another name, or write task('...').wrap(fn).";
  throw new DefinitionError([{ code: 'invalid-name', text, place, hint }]);
}
