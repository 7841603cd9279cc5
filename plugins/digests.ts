import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';

/** The SHA-256 of some parts, told apart. */
export function digestOf(...parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${part.length} `).update(part);
  return hash.digest('hex');
}

/** JSON with sorted keys, functions as their source. */
export function canonical(value: unknown): string {
  const sorted = (_key: string, inner: unknown): unknown => {
    if (typeof inner === 'function' || typeof inner === 'bigint') return `${typeof inner} ${inner}`;
    if (inner instanceof RegExp) return `RegExp ${inner}`;
    if (inner instanceof Map || inner instanceof Set) return [inner.constructor.name, ...inner];
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)));
  };
  return JSON.stringify(value, sorted) ?? 'undefined';
}

const lockFiles = [
  'package-lock.json',
  'npm-shrinkwrap.json',
  'yarn.lock',
  'pnpm-lock.yaml',
  'bun.lock',
];

/** The nearest package lock file, which tells the versions of all packages; empty if there is none. */
export function lockFile(): Uint8Array {
  for (let folder = process.cwd(); ; folder = dirname(folder)) {
    const name = lockFiles.find((each) => existsSync(join(folder, each)));
    if (name !== undefined) return readFileSync(join(folder, name));
    if (folder === dirname(folder)) return Buffer.alloc(0);
  }
}
