import { importLate } from './import-late.ts';
import type { PooledFile } from './pooled-file.ts';

/** The function for each file, as a worker finds it. */
export interface TransformRef {
  /** A URL. */
  readonly module: string;
  readonly export: string;
  readonly options: unknown;
}

/** What some files came to, in their order, and the milliseconds that took. */
export interface TransformedFiles {
  readonly results: readonly unknown[];
  readonly ms: number;
}

type Transform = (file: PooledFile, options: unknown) => unknown;

/** Transforms some files one after the other, in a worker of a pool. */
export async function transformFiles(
  files: readonly PooledFile[],
  ref: TransformRef,
): Promise<TransformedFiles> {
  const transform = await exportedFunction<Transform>(ref);
  const begin = performance.now();
  const results: unknown[] = [];
  for (const file of files) results.push(await transform(file, ref.options));
  return { results, ms: performance.now() - begin };
}

/** What a module exports by a name. @throws TypeError If that is no function. */
export async function exportedFunction<F>({
  module,
  export: name,
}: Pick<TransformRef, 'module' | 'export'>): Promise<F> {
  const exports = await importLate<Record<string, unknown>>(module);
  const inner = exports['default'] as Record<string, unknown> | undefined;
  // What was compiled to CommonJS has its default export inside of that of Node.
  const found = [exports[name], inner?.[name]].find((each) => typeof each === 'function');
  if (found !== undefined) return found as F;
  const names = Object.keys(exports).join(', ');
  throw new TypeError(`'${module}' exports no function '${name}'. It exports: ${names}.`);
}
