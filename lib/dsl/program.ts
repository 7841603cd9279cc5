import { availableParallelism } from 'node:os';
import { inspect } from 'node:util';
import type { Definition } from '../model/definition.ts';
import { DefinitionError, UsageError } from '../model/errors.ts';
import { type Options, type Settings, settingsOf } from '../model/options.ts';
import { placeText } from '../model/place.ts';
import type { Draft } from './draft.ts';

/** All that a process knows of the user's build: one per process, however often we are loaded. */
interface Program {
  readonly drafts: Map<string, Draft>;
  options: Options;
  isWorker: boolean;
}

const key = Symbol.for('parproc.program');

/** Changes the options that `options` names; the others stay. */
export function configure(options: Options): void {
  const program = current();
  const merged = { ...program.options, ...options };
  const before = settings().separator;
  const after = settingsOf(merged, availableParallelism()).separator;
  if (after !== before && program.drafts.size > 0) {
    throw new UsageError([
      {
        code: 'invalid-option',
        text: `The separator ${inspect(after)} comes after tasks were defined with ${inspect(before)}.`,
        hint: 'Call parproc({ separator }) before the first task().',
      },
    ]);
  }
  program.options = merged;
}

/** The options in force, with every default in place. */
export function settings(): Settings {
  return settingsOf(current().options, availableParallelism());
}

/** Makes scheduling calls of the user's files inert: this process only runs what it is sent. */
export function markAsWorker(): void {
  current().isWorker = true;
}

/** Whether this process is a worker. */
export function isWorkerProcess(): boolean {
  return current().isWorker;
}

/**
 * Takes a new definition in. The same file loaded twice (by `require` and by `import`) defines its
 * tasks twice; the first loading counts.
 *
 * @throws DefinitionError `duplicate-task` if another place has defined the name.
 */
export function addDraft(draft: Draft): void {
  const { drafts } = current();
  const before = drafts.get(draft.name);
  if (before === undefined) {
    drafts.set(draft.name, draft);
    return;
  }
  const samePlace = placeText(before.site.place) === placeText(draft.site.place);
  if (samePlace && before.site.script !== draft.site.script) return;
  throw new DefinitionError([
    {
      code: 'duplicate-task',
      text: `A task '${draft.name}' exists already.`,
      place: draft.site.place,
      hint: `The other one is at ${placeText(before.site.place)}. Give one of them another name.`,
    },
  ]);
}

/** All definitions by name, sealed: from now on they do not change. */
export function sealedDefinitions(): ReadonlyMap<string, Definition> {
  const sealed = new Map<string, Definition>();
  for (const [name, draft] of current().drafts) sealed.set(name, draft.seal());
  return sealed;
}

/** Whether a task or proto of this name has been defined. */
export function isDefined(name: string): boolean {
  return current().drafts.has(name);
}

function current(): Program {
  const holder = globalThis as { [key]?: Program };
  holder[key] ??= { drafts: new Map(), options: {}, isWorker: false };
  return holder[key];
}
