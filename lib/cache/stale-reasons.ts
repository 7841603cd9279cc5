import type { StaleReason } from '../model/stale-reason.ts';
import { isSameContent } from './file-state.ts';
import type { DefinitionParts, TaskRecord } from './record.ts';
import type { FileState } from './verdict.ts';

/** What there is to compare with a record: all that the freshness of a task depends on. */
export interface Situation {
  readonly full: boolean;
  readonly noSkip: boolean;
  readonly isCacheOff: boolean;
  /** Whether the task declares inputs, deps, or outputs that get too old. */
  readonly declaresAnything: boolean;
  readonly definition: string;
  readonly parts: DefinitionParts;
  /** The files that differ between two listings of modules or global inputs, if both are known. */
  readonly changedFiles: (before: string, now: string) => readonly string[];
  readonly args: Readonly<Record<string, string>>;
  /** Digests of the declared environment variables. */
  readonly env: Readonly<Record<string, string>>;
  /** Gives the digest of a param; `*` stands for all of them. */
  readonly paramDigest: (name: string) => string;
  readonly deps: ReadonlyMap<string, string>;
  readonly inputs: readonly FileState[];
  readonly outputs: readonly FileState[];
  /** Declared outputs without any file. */
  readonly missingOutputs: readonly string[];
  /** Outputs that are older than they may get. */
  readonly oldOutputs: readonly string[];
}

/** Every reason why the task has to run, most general first; empty means that it is up to date. */
export function staleReasons(record: TaskRecord | undefined, now: Situation): StaleReason[] {
  if (record !== undefined && isUntouched(record, now)) return [];
  const always: StaleReason[] = [
    ...(now.full ? [{ kind: 'full' } as const] : []),
    ...(now.noSkip ? [{ kind: 'no-skip' } as const] : []),
    ...(now.isCacheOff ? [{ kind: 'no-cache' } as const] : []),
    ...(now.declaresAnything ? [] : [{ kind: 'nothing-declared' } as const]),
  ];
  if (record !== undefined) return [...always, ...changes(record, now)];
  return always.length > 0 ? always : [{ kind: 'never-ran' }];
}

/**
 * Whether it can be told at a glance that there is no reason: what has not changed is the very
 * object that was recorded. What this cannot tell is looked at in full.
 */
function isUntouched(record: TaskRecord, now: Situation): boolean {
  return (
    !(now.full || now.noSkip || now.isCacheOff) &&
    now.declaresAnything &&
    record.finished &&
    record.definition === now.definition &&
    hasSameArgs(record, now) &&
    hasSameDeps(record, now) &&
    areSame(record.inputs, now.inputs) &&
    areSame(record.outputs, now.outputs) &&
    now.missingOutputs.length + now.oldOutputs.length === 0 &&
    isEmpty(record.env) &&
    isEmpty(now.env) &&
    isEmpty(record.params)
  );
}

function hasSameDeps(record: TaskRecord, now: Situation): boolean {
  if (record.deps.length !== now.deps.size) return false;
  return record.deps.every(([dep, digest]) => now.deps.get(dep) === digest);
}

function areSame(before: readonly FileState[], now: readonly FileState[]): boolean {
  return before.length === now.length && before.every((file, index) => file === now[index]);
}

function isEmpty(names: Readonly<Record<string, string>>): boolean {
  for (const _ in names) return false;
  return true;
}

function changes(record: TaskRecord, now: Situation): StaleReason[] {
  return [
    ...unfinished(record),
    ...definitionReasons(record, now),
    ...envReasons(record, now),
    ...paramReasons(record, now),
    ...depReasons(record, now),
    ...inputReasons(record.inputs, now.inputs),
    ...outputReasons(record, now),
    ...now.oldOutputs.map((path) => ({ kind: 'output-too-old', path }) as const),
  ];
}

/** Differences between two sets of inputs: changed, added and removed paths. */
export function inputReasons(
  before: readonly FileState[],
  now: readonly FileState[],
): StaleReason[] {
  const old = new Map(before.map((file) => [file.path, file]));
  const reasons: StaleReason[] = [];
  for (const file of now) {
    const was = old.get(file.path);
    old.delete(file.path);
    if (was === undefined || !isSameContent(was, file)) {
      reasons.push({ kind: changeOf(was, file), path: file.path });
    }
  }
  for (const path of old.keys()) reasons.push({ kind: 'input-removed', path });
  return reasons;
}

/** A path is kept without a digest while there is no file, so what matters is where one is. */
function changeOf(
  was: FileState | undefined,
  now: FileState,
): 'input-added' | 'input-removed' | 'input-changed' {
  if (now.sha256 === undefined) return 'input-removed';
  return was?.sha256 === undefined ? 'input-added' : 'input-changed';
}

function unfinished(record: TaskRecord): StaleReason[] {
  if (record.finished) return [];
  return [record.unsure ?? { kind: 'not-finished' }];
}

function envReasons(record: TaskRecord, now: Situation): StaleReason[] {
  const names = new Set([...Object.keys(record.env), ...Object.keys(now.env)]);
  return [...names]
    .filter((name) => record.env[name] !== now.env[name])
    .map((name) => ({ kind: 'env-changed', name }));
}

function paramReasons(record: TaskRecord, now: Situation): StaleReason[] {
  return Object.entries(record.params)
    .filter(([name, digest]) => now.paramDigest(name) !== digest)
    .map(([name]) => ({ kind: 'param-changed', name }));
}

function definitionReasons(record: TaskRecord, now: Situation): StaleReason[] {
  const args: StaleReason[] = hasSameArgs(record, now) ? [] : [because('arguments')];
  if (record.definition === now.definition) return args;
  const { parts } = record;
  const differs = (part: keyof DefinitionParts): boolean => parts[part] !== now.parts[part];
  const reasons = [
    ...(differs('action') ? [because('action')] : []),
    ...(differs('declaration') ? [because('declaration')] : []),
    ...args,
    ...(differs('modules') ? fileReasons('module', parts.modules, now.parts.modules, now) : []),
    ...(differs('globals')
      ? fileReasons('global-input', parts.globals, now.parts.globals, now)
      : []),
    ...(differs('platform') ? [because('platform')] : []),
  ];
  return reasons.length > 0 ? reasons : [because('unknown')];
}

type What = Extract<StaleReason, { kind: 'definition-changed' }>['what'];

function because(what: What): StaleReason {
  return { kind: 'definition-changed', what };
}

function fileReasons(what: What, before: string, after: string, now: Situation): StaleReason[] {
  const paths = now.changedFiles(before, after);
  if (paths.length === 0) return [because(what)];
  return paths.map((path) => ({ kind: 'definition-changed', what, path }));
}

function hasSameArgs(record: TaskRecord, now: Situation): boolean {
  const names = Object.keys(record.args);
  return (
    names.length === Object.keys(now.args).length &&
    names.every((name) => record.args[name] === now.args[name])
  );
}

function depReasons(record: TaskRecord, now: Situation): StaleReason[] {
  const before = new Map(record.deps);
  const changed = [...now.deps].flatMap(([dep, digest]) =>
    before.get(dep) === digest ? [] : [dep],
  );
  const gone = [...before.keys()].filter((dep) => !now.deps.has(dep));
  return [...changed, ...gone].map((dep) => ({ kind: 'dep-changed', dep }));
}

/** Differences between the outputs that were recorded and those that are there. */
export function outputReasons(
  record: TaskRecord,
  now: Pick<Situation, 'outputs' | 'missingOutputs'>,
): StaleReason[] {
  const present = new Map(now.outputs.map((file) => [file.path, file]));
  const reasons: StaleReason[] = now.missingOutputs.map((path) => ({
    kind: 'output-missing',
    path,
  }));
  const told = new Set(now.missingOutputs);
  for (const before of record.outputs) {
    const file = present.get(before.path);
    present.delete(before.path);
    if (file?.sha256 === undefined) {
      if (!told.has(before.path)) reasons.push({ kind: 'output-missing', path: before.path });
    } else if (!isSameContent(before, file)) {
      reasons.push({ kind: 'output-changed', path: before.path });
    }
  }
  for (const path of present.keys()) reasons.push({ kind: 'output-changed', path });
  return reasons;
}
