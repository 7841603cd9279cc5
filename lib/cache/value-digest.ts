import { inspect } from 'node:util';
import { canonicalJson } from '../base/canonical-json.ts';
import { sha256 } from '../base/sha256.ts';
import type { Params } from '../model/definition.ts';
import { inexactPath } from './inexact-path.ts';

/** Digests of the environment variables of these names as they are now; values are not kept. */
export function envDigests(
  names: readonly string[],
  env: (name: string) => string | undefined,
): Record<string, string> {
  return Object.fromEntries(
    names.map((name) => {
      const value = env(name);
      return [name, value === undefined ? 'unset' : sha256(value)];
    }),
  );
}

/** The digest of one param, or with `*` of all of them. */
export function paramDigest(params: Params, name: string): string {
  const value = name === '*' ? params : params[name];
  if (value === undefined) return 'unset';
  // What JSON would lose is compared by what can be seen of it.
  const isExact = inexactPath(value, '') === undefined;
  return sha256(isExact ? canonicalJson(value) : inspect(value, { depth: 20, sorted: true }));
}
