import { currentBuild } from '../build/build.ts';
import { run, watch } from '../build/script.ts';
import {
  isWorkerProcess,
  mergeOptions,
  mergeParams,
  sealedDefinitions,
  settings,
} from '../dsl/program.ts';
import { choicesOf } from '../model/cast-args.ts';
import type { Definition } from '../model/definition.ts';
import { DefinitionError, isUserError, UsageError } from '../model/errors.ts';
import type { Options } from '../model/options.ts';
import { gruntFront, paramsOf } from './grunt-front.ts';
import type { Grunt, GruntTask } from './grunt-types.ts';

/**
 * Makes all tasks that have been defined so far tasks of grunt, so that `grunt build::prod`,
 * `grunt 'build::*'` and lists of `grunt.registerTask` can name them (new). They have to be defined
 * in a file of their own, at its top level: workers load that file, and call no Gruntfile. A proto is
 * known to grunt by what stands before its first placeholder; if that is nothing, by the choices of it.
 *
 * Each is a run of its own. One that fails ends grunt with grunt's code for that, 3, and what is wrong
 * with the build file or a name with 1. What `grunt.option` holds are params of the tasks.
 *
 * @throws UsageError `invalid-option`
 * @throws DefinitionError `duplicate-task` if grunt has a task of such a name already
 */
export function registerTasks(grunt: Grunt, options: Options = {}): void {
  mergeOptions(options);
  requireColons();
  if (isWorkerProcess()) return;
  currentBuild().useFront(gruntFront(grunt));
  const names = new Map<string, Definition>();
  for (const definition of sealedDefinitions().values()) {
    for (const name of namesOf(definition)) if (!names.has(name)) names.set(name, definition);
  }
  for (const [name, definition] of names) {
    refuseTaken(name, definition, grunt);
    const text = definition.description ?? `A task of parproc: ${definition.name}`;
    grunt.registerTask(name, text, function (this: GruntTask) {
      void runFor(this, grunt);
    });
  }
}

/** What grunt has to know, which takes all that follows a name and a colon for arguments. */
function namesOf({ name, pattern, args }: Definition): readonly string[] {
  const { segments, separator } = pattern;
  const first = segments.findIndex(({ kind }) => kind === 'placeholder');
  if (first === -1) return [name];
  const literals = segments.slice(0, first).map((segment) => 'text' in segment && segment.text);
  if (first > 0) return [literals.join(separator)];
  const [head] = segments;
  if (head?.kind !== 'placeholder' || head.rest) return [];
  const choices = choicesOf(args.get(head.name)) ?? [];
  return choices.map((choice) => head.prefix + String(choice));
}

function refuseTaken(name: string, { place }: Definition, grunt: Grunt): void {
  if (!grunt.task.exists(name)) return;
  const text = `grunt has a task '${name}' already.`;
  const hint = 'Give one of them another name: grunt takes both for the same.';
  throw new DefinitionError([{ code: 'duplicate-task', text, place, hint }]);
}

/** Names are taken apart by grunt, at colons. */
function requireColons(): void {
  const { separator } = settings();
  if (/^:+$/.test(separator)) return;
  const text = `grunt takes names apart at colons, and the separator is '${separator}'.`;
  throw new UsageError([{ code: 'invalid-option', text, hint: "Use the separator '::'." }]);
}

async function runFor({ name, args = [], async }: GruntTask, grunt: Grunt): Promise<void> {
  const done = async();
  const wanted = [name, ...args].join(':');
  try {
    mergeParams(paramsOf(grunt));
    await (gruntFront(grunt).commandLine().live ? watch(wanted) : run(wanted));
    done();
  } catch (error) {
    // Going on in spite of it, by --force, is for tasks that fail.
    if (isUserError(error)) grunt.fail.fatal(error);
    done(error);
  }
}
