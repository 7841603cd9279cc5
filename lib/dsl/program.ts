import { availableParallelism } from 'node:os';
import { inspect } from 'node:util';
import type { Definition, Params } from '../model/definition.ts';
import { DefinitionError, UsageError } from '../model/errors.ts';
import { type Options, type Settings, settingsOf } from '../model/options.ts';
import { placeText } from '../model/place.ts';
import type { Draft } from './draft.ts';

/** All that a process knows of the user's build: one per process, however often we are loaded. */
interface Program {
  drafts: Map<string, Draft>;
  /** Drafts that nobody has used yet. */
  open: Draft[];
  sealed: Map<string, Definition>;
  options: Options;
  settings: Settings | undefined;
  params: Params;
  isWorker: boolean;
  hasScheduled: boolean;
}

const key = Symbol.for('parproc.program');

/**
 * Changes the options that `options` names; the others stay.
 *
 * @throws UsageError `invalid-option`
 */
export function mergeOptions(options: Options): void {
  requireObject(options, 'options', '{ parallel: 4 }');
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
  program.settings = undefined;
}

/** The options in force, with every default in place. */
export function settings(): Settings {
  const program = current();
  program.settings ??= settingsOf(program.options, availableParallelism());
  return program.settings;
}

/**
 * Sets params; those that `params` does not name stay.
 *
 * @throws UsageError `invalid-option`
 */
export function mergeParams(params: Params): void {
  requireObject(params, 'params', "{ version: '1.2' }");
  const program = current();
  program.params = Object.freeze({ ...program.params, ...params });
}

/** What `params()` has set so far. */
export function currentParams(): Params {
  return current().params;
}

/** Forgets definitions and params; options stay. */
export function forgetDefinitions(): void {
  Object.assign(current(), emptyDefinitions());
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
 * A scheduling call in a worker: it never settles, so what the file would do next is not done. The
 * worker serves with the definitions made until then.
 */
export function neverSettles(): Promise<never> {
  current().hasScheduled = true;
  return new Promise(() => undefined);
}

/** Whether a scheduling call was made in this worker. */
export function hasScheduled(): boolean {
  return current().hasScheduled;
}

/**
 * Takes a new definition in. The same file loaded twice (by `require` and by `import`) defines its
 * tasks twice; the first loading counts.
 *
 * @throws DefinitionError `duplicate-task` if another place has defined the name.
 */
export function addDraft(draft: Draft): void {
  const { drafts, open } = current();
  const before = drafts.get(draft.name);
  if (before === undefined) {
    drafts.set(draft.name, draft);
    open.push(draft);
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

/** All definitions by name, sealed: from now on they do not change. The map itself grows. */
export function sealedDefinitions(): ReadonlyMap<string, Definition> {
  const { open, sealed } = current();
  for (const draft of open) sealed.set(draft.name, draft.seal());
  open.length = 0;
  return sealed;
}

/** Whether a task or proto of this name has been defined. */
export function isDefined(name: string): boolean {
  return current().drafts.has(name);
}

function requireObject(given: unknown, what: string, example: string): void {
  if (typeof given === 'object' && given !== null && !Array.isArray(given)) return;
  const text = `The ${what} are ${inspect(given)}.`;
  throw new UsageError([{ code: 'invalid-option', text, hint: `Give an object: ${example}.` }]);
}

function current(): Program {
  const holder = globalThis as { [key]?: Program };
  holder[key] ??= {
    ...emptyDefinitions(),
    options: {},
    settings: undefined,
    isWorker: false,
    hasScheduled: false,
  };
  return holder[key];
}

function emptyDefinitions(): Pick<Program, 'drafts' | 'open' | 'sealed' | 'params'> {
  return { drafts: new Map(), open: [], sealed: new Map(), params: Object.freeze({}) };
}
