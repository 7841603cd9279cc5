import { isAbsolute, resolve } from 'node:path';
import type { GulpFile } from './gulp-file.ts';

/** A file as the function of `pooled` gets it: plain values, a copy that it may change. */
export interface PooledFile {
  /** Absolute. */
  path: string;
  /** What `relative` counts from: where the glob's magic begins. */
  base: string;
  cwd: string;
  relative: string;
  contents: Buffer;
  /** There if the file came with a source map, for example from `src` with `sourcemaps: true`. */
  sourceMap?: unknown;
  /** What `properties` names. */
  [property: string]: unknown;
}

/** A file that the function of `pooled` returns. What is not given stays as it was. */
export interface PooledOutput {
  /** Absolute, or relative to `base`. */
  readonly path?: string;
  readonly base?: string;
  readonly contents: Uint8Array | string;
  readonly sourceMap?: unknown;
  readonly [property: string]: unknown;
}

/** What the function of `pooled` may return: new contents, a file, or files; an empty list for none. */
export type PooledResult = Uint8Array | string | PooledOutput | readonly PooledOutput[];

/** What is sent to a worker of `file`. */
export function sentFile(file: GulpFile, properties: readonly string[]): PooledFile {
  const { path, base, cwd, relative, sourceMap } = file;
  const sent: PooledFile = { path, base, cwd, relative, contents: file.contents as Buffer };
  if (sourceMap !== undefined) sent.sourceMap = sourceMap;
  for (const name of properties) {
    const value = (file as unknown as Record<string, unknown>)[name];
    if (value !== undefined) sent[name] = value;
  }
  return sent;
}

/**
 * The files that a result comes to. A single one is the file that was sent, changed.
 *
 * @throws TypeError For a result that is neither contents nor files.
 */
export function filesOf(
  result: unknown,
  file: GulpFile,
  properties: readonly string[],
): GulpFile[] {
  if (!Array.isArray(result)) return [changed(file, outputOf(result), properties)];
  return result.map((each) => {
    const copy = file.clone({ contents: false });
    return changed(copy, outputOf(each), properties);
  });
}

function outputOf(result: unknown): PooledOutput {
  if (isContents(result)) return { contents: result };
  const output = (result ?? {}) as Partial<PooledOutput>;
  if (typeof result === 'object' && isContents(output.contents)) return output as PooledOutput;
  const kind = result === null ? 'null' : typeof result;
  throw new TypeError(
    `It returned ${kind === 'object' ? 'an object without contents' : kind}. ` +
      'Return the new contents, a file { path, contents, sourceMap }, or a list of files.',
  );
}

function isContents(value: unknown): value is Uint8Array | string {
  return typeof value === 'string' || value instanceof Uint8Array;
}

function changed(file: GulpFile, output: PooledOutput, properties: readonly string[]): GulpFile {
  const { contents, path, base } = output;
  file.contents = bufferOf(contents);
  if (base !== undefined && base !== file.base) file.base = base;
  if (path !== undefined) {
    const absolute = isAbsolute(path) ? path : resolve(file.base, path);
    if (absolute !== file.path) file.path = absolute;
  }
  for (const name of ['sourceMap', ...properties]) {
    if (name in output) (file as unknown as Record<string, unknown>)[name] = output[name];
  }
  return file;
}

function bufferOf(contents: Uint8Array | string): Buffer {
  if (typeof contents === 'string') return Buffer.from(contents);
  if (Buffer.isBuffer(contents)) return contents;
  return Buffer.from(contents.buffer, contents.byteOffset, contents.byteLength);
}
