import { randomUUID } from 'node:crypto';
import { canonicalJson } from '../base/canonical-json.ts';
import { sha256 } from '../base/sha256.ts';
import { inexactPath } from './inexact-path.ts';
import type { FileState, Observation } from './verdict.ts';

/** The digest of an execution that cannot be compared with another one. */
export function freshDigest(): string {
  return `fresh ${randomUUID()}`;
}

/** The digest of a task without an action: that of its deps. */
export function groupDigest(deps: ReadonlyMap<string, string>): string {
  return sha256(canonicalJson(['group', sortedEntries(deps)]));
}

/**
 * What dependants compare: equal digests mean that nothing has changed for them. With outputs it
 * is their content and the result; without, the result and the deps' digests, and if there is no
 * result either, every execution counts as a change.
 */
export function outcomeDigest(
  outputs: readonly FileState[] | undefined,
  value: unknown,
  deps: ReadonlyMap<string, string>,
): string {
  if (inexactPath(value, '') !== undefined) return freshDigest();
  if (outputs !== undefined) {
    const files = outputs.map(({ path, sha256: digest }) => [path, digest]);
    return sha256(canonicalJson(['outputs', files, value]));
  }
  if (value === undefined) return freshDigest();
  return sha256(canonicalJson(['result', value, sortedEntries(deps)]));
}

/** The digest of all that a service is started from, which is what it is to its dependants. */
export function serviceDigest(seen: Observation, rawArgs: object, params: string): string {
  const { definitionDigest, deps, env, inputs, discovered } = seen;
  const files = [...inputs, ...discovered].map(({ path, sha256: digest }) => [path, digest]);
  return sha256(
    canonicalJson(['service', definitionDigest, rawArgs, params, sortedEntries(deps), env, files]),
  );
}

function sortedEntries(map: ReadonlyMap<string, string>): [string, string][] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : 1));
}
