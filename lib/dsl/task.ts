import { inspect } from 'node:util';
import { DefinitionError } from '../model/errors.ts';
import type { ArgsOf, Builder, GulpTask } from './builder-types.ts';
import { type CallSite, callSite } from './call-site.ts';
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
    const site = callSite();
    requireName(name, site);
    const draft = new Draft(name, settings().separator, site);
    addDraft(draft);
    return new TaskBuilder(draft, gulpTaskFor);
  }
  return task as unknown as DefineTask;
}

function requireName(name: unknown, { place }: CallSite): void {
  if (typeof name === 'string') return;
  const text = `task() is given ${inspect(name)}, which is no name.`;
  const hint = "Give a name: task('build::[env]').";
  throw new DefinitionError([{ code: 'invalid-name', text, place, hint }]);
}
