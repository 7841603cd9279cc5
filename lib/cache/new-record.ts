import type { TaskNode } from '../model/node.ts';
import type { UnsureReason } from '../model/stale-reason.ts';
import { paramsReadBy } from '../model/tracked-params.ts';
import type { Edition } from './editions.ts';
import { keptDurations, schema, type TaskRecord } from './record.ts';
import { paramDigest } from './value-digest.ts';
import type { FileState, Observation, Success } from './verdict.ts';

type Read = Pick<TaskRecord, 'params' | 'inputs' | 'discovered' | 'unsure'>;

/** What a success depended on, as far as that is known by now. */
export interface Basis {
  /** Names of the params that the action has read. */
  readonly paramsRead: readonly string[];
  /** Paths of files that it has found out it reads, and the files that these are. */
  readonly found: { readonly paths: readonly string[]; readonly states: readonly FileState[] };
  readonly unsure: UnsureReason | undefined;
}

/** What a success has made. */
type Made = Pick<
  TaskRecord,
  'outputs' | 'written' | 'left' | 'outcome' | 'durations' | 'recordedAt'
>;

/** The record of a task that has succeeded. */
export function successRecord(
  node: TaskNode,
  { seen, value, tookMs }: Success,
  basis: Basis,
  { written, left, ...rest }: Made,
): TaskRecord {
  const isSure = basis.unsure === undefined;
  return {
    schema,
    ...situationOf(node, seen),
    ...readOf(node, seen, basis),
    ...rest,
    ...writingsOf(written, left),
    ...(isSure && value !== undefined && { value: structuredClone(value) }),
    durations: [tookMs, ...rest.durations].slice(0, keptDurations),
    finished: isSure,
  };
}

/** The record of a task that has said that nothing has changed since `before`. */
export function keptRecord(
  node: TaskNode,
  seen: Observation,
  basis: Basis,
  before: TaskRecord,
  now: Pick<TaskRecord, 'outputs' | 'recordedAt'>,
): TaskRecord {
  const { discovered: _, unsure: __, ...rest } = before;
  return {
    ...rest,
    ...situationOf(node, seen),
    ...readOf(node, seen, basis),
    ...now,
    finished: basis.unsure === undefined,
  };
}

/** The record of a task that has not succeeded and has written something; `before` is what was known of it. */
export function unsuccessfulRecord(
  node: TaskNode,
  seen: Observation,
  before: TaskRecord | undefined,
  left: readonly FileState[],
): TaskRecord {
  if (before !== undefined) return { ...before, left };
  return {
    schema,
    ...situationOf(node, seen),
    params: {},
    inputs: seen.inputs,
    outputs: [],
    left,
    outcome: '',
    durations: [],
    finished: false,
    recordedAt: seen.seenAt,
  };
}

/** The record of a task whose outputs were put back. */
export function restoredRecord(
  node: TaskNode,
  seen: Observation,
  { params, discovered, value, outcome, written }: Edition,
  now: {
    readonly outputs: readonly FileState[];
    readonly left: readonly FileState[];
    readonly found: readonly FileState[];
    readonly durations: readonly number[];
  },
): TaskRecord {
  return {
    schema,
    ...situationOf(node, seen),
    params,
    inputs: inputsOf(seen.inputs, now.found),
    ...(discovered.length > 0 && { discovered }),
    outputs: now.outputs,
    ...writingsOf(written, now.left),
    ...(value !== undefined && { value: structuredClone(value) }),
    outcome,
    durations: now.durations,
    finished: true,
    // What has changed since then may have done so unnoticed.
    recordedAt: seen.seenAt,
  };
}

/** The files that a record tells of as inputs: those that were declared, then others. */
export function inputsOf(
  declared: readonly FileState[],
  discovered: readonly FileState[],
): readonly FileState[] {
  return discovered.length === 0 ? [...declared] : [...declared, ...discovered];
}

/** Why a success cannot be relied on; undefined if it can. */
export function unsureReason(
  hasAsked: boolean,
  lossAt: string | undefined,
  isTouched: boolean,
): UnsureReason | undefined {
  if (hasAsked) return { kind: 'asks-build' };
  if (lossAt !== undefined) return { kind: 'inexact-result', path: lossAt };
  return isTouched ? { kind: 'changed-while-running' } : undefined;
}

function writingsOf(
  written: readonly string[] = [],
  left: readonly FileState[] = [],
): Pick<TaskRecord, 'written' | 'left'> {
  return { ...(written.length > 0 && { written }), ...(left.length > 0 && { left }) };
}

function situationOf(
  node: TaskNode,
  { definitionDigest, parts, env, deps }: Observation,
): Pick<TaskRecord, 'definition' | 'parts' | 'args' | 'env' | 'deps'> {
  return {
    definition: definitionDigest,
    parts,
    args: node.rawArgs,
    env,
    deps: [...deps].sort(([a], [b]) => (a < b ? -1 : 1)),
  };
}

function readOf(node: TaskNode, seen: Observation, { paramsRead, found, unsure }: Basis): Read {
  const names = [...new Set([...paramsRead, ...paramsReadBy(node.context)])].sort();
  return {
    params: Object.fromEntries(names.map((name) => [name, paramDigest(node.params, name)])),
    inputs: inputsOf(seen.inputs, found.states),
    ...(found.paths.length > 0 && { discovered: found.paths }),
    ...(unsure !== undefined && { unsure }),
  };
}
