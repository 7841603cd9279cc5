import type { ArgsOf, Builder, GulpTask } from './builder-types.ts';
import { callSite } from './call-site.ts';
import { Draft } from './draft.ts';
import { addDraft, settings } from './program.ts';
import { TaskBuilder } from './task-builder.ts';

/** Types the entry of the DSL: the name as written gives the arguments. */
export type DefineTask = <const Name extends string>(
  name: Name,
) => Builder<Name, ArgsOf<Name>, never, unknown>;

/** The `task()` of the DSL, given what makes a gulp function for a full name. */
export function taskDefiner(gulpTaskFor: (name: string) => GulpTask): DefineTask {
  function task(name: string): TaskBuilder {
    const draft = new Draft(name, settings().separator, callSite());
    addDraft(draft);
    return new TaskBuilder(draft, gulpTaskFor);
  }
  return task as unknown as DefineTask;
}
