import { readFileSync, statSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { importedFiles } from '../lib/index.ts';
import { canonical, digestOf, lockFile } from './digests.ts';

/** What makes the results of a stream, besides the files that go through it. */
export interface TransformCode {
  /** Modules of the project, absolute. */
  readonly files: readonly string[];
  /** Whatever else: options, the source of a function. */
  readonly text: string;
}

const codes = new WeakMap<object, TransformCode>();

/** Lets others ask what the results of `stream` are made by. */
export function noteCode(stream: object, code: TransformCode): void {
  codes.set(stream, code);
}

/**
 * A digest of all that results depend on besides the files: what the user says, the versions of all
 * packages by the nearest lock file, the code of the project that has led to a call with all that it
 * imports, and that of the streams which say it.
 *
 * @returns Undefined if code is younger than this process: then it may not be what is loaded.
 */
export async function versionDigest(
  version: unknown,
  files: readonly string[],
  streams: Iterable<object>,
): Promise<string | undefined> {
  const known = [...streams].flatMap((stream) => codes.get(stream) ?? []);
  const modules = [...new Set([...files, ...known.flatMap((code) => code.files)])];
  const all = [...modules, ...(await importedFiles(modules))];
  const parts: (string | Uint8Array)[] = [canonical(version), lockFile()];
  for (const file of all) {
    const stats = statSync(file, { throwIfNoEntry: false });
    if (stats?.isFile() !== true) continue;
    if (Math.max(stats.mtimeMs, stats.ctimeMs) > performance.timeOrigin) return undefined;
    parts.push(readFileSync(file));
  }
  return digestOf(...parts, ...known.map(({ text }) => text));
}
