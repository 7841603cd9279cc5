import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { brotliCompressSync, gzipSync } from 'node:zlib';

/** The size of a file in bytes, as it is and as servers can send it. */
export interface Sizes {
  readonly name: string;
  readonly raw: number;
  readonly gzip: number;
  readonly brotli: number;
}

/** The sizes of a file. */
export function measureFile(file: string): Sizes {
  return sizesOf(file, readFileSync(file));
}

/** The sizes of some content. */
export function sizesOf(name: string, content: string | Buffer): Sizes {
  const bytes = Buffer.from(content);
  return {
    name,
    raw: bytes.length,
    gzip: gzipSync(bytes, { level: 9 }).length,
    brotli: brotliCompressSync(bytes).length,
  };
}

/** The sum of several sizes. */
export function totalOf(name: string, sizes: readonly Sizes[]): Sizes {
  const sum = (part: 'raw' | 'gzip' | 'brotli'): number =>
    sizes.reduce((total, each) => total + each[part], 0);
  return { name, raw: sum('raw'), gzip: sum('gzip'), brotli: sum('brotli') };
}

/** Writes a table of sizes. */
export async function writeReport(sizes: readonly Sizes[], to: string): Promise<void> {
  const rows = sizes.map(
    ({ name, raw, gzip, brotli }) => `| ${name} | ${kib(raw)} | ${kib(gzip)} | ${kib(brotli)} |`,
  );
  const head = '| file | raw, KiB | gzip, KiB | brotli, KiB |\n|---|---:|---:|---:|';
  await writeFile(to, `# Sizes\n\n${head}\n${rows.join('\n')}\n`);
}

function kib(bytes: number): string {
  return (bytes / 1024).toFixed(1);
}
