import { relative, resolve } from 'node:path';
import Vinyl from 'vinyl';
import type { GulpFile } from './gulp-file.ts';

/** A file as it is kept: paths relative to its working directory, with slashes. */
export interface StoredFile {
  readonly history: readonly string[];
  readonly base: string;
  readonly contents: Buffer | null;
  readonly mode: number | undefined;
  readonly sourceMap?: unknown;
}

type Known = GulpFile & {
  readonly history: readonly string[];
  readonly stat?: { mode?: number } | null;
};

/** @throws TypeError If it has a stream instead of contents. */
export function storedFile(file: GulpFile): StoredFile {
  const { cwd, base, contents, sourceMap, history, stat } = file as Known;
  checkContents(file);
  return {
    history: history.map((path) => portable(cwd, path)),
    base: portable(cwd, base),
    contents: contents as Buffer | null,
    mode: stat?.mode,
    ...(sourceMap !== undefined && { sourceMap }),
  };
}

/** The file again, in the working directory `cwd`. */
export function fileAgain(stored: StoredFile, cwd: string): GulpFile {
  const file = new Vinyl({
    cwd,
    base: resolve(cwd, stored.base),
    history: stored.history.map((path) => resolve(cwd, path)),
    contents: stored.contents === null ? null : Buffer.from(stored.contents),
    ...(stored.mode !== undefined && { stat: { mode: stored.mode } as never }),
  }) as unknown as GulpFile;
  if (stored.sourceMap !== undefined) file.sourceMap = stored.sourceMap;
  return file;
}

/** Where `file` came from, relative to its working directory. */
export function sourceOf(file: GulpFile): string {
  const { cwd, path, history } = file as Known;
  return portable(cwd, history[0] ?? path);
}

/** @throws TypeError If `file` has a stream instead of contents. */
export function checkContents(file: GulpFile): void {
  if (file.isNull() || file.isBuffer()) return;
  throw new TypeError('Its contents are a stream; read it with buffer: true.');
}

function portable(cwd: string, path: string): string {
  return relative(cwd, path).replaceAll('\\', '/');
}
