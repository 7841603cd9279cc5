import assert from 'node:assert/strict';
import { basename, extname } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parprocTable } from './parproc-table.ts';

/** The rows that this process, which is one test file, has registered. */
const registered = new Set<string>();

/**
 * Registers the test of a row. A row may have several tests, such as one for each mode.
 *
 * @param title The rule as a sentence; with `(changed)` in front where DESIGN 10 departs from it.
 */
export function row(id: string, title: string, body: () => void | Promise<void>): void {
  registered.add(id);
  test(title.startsWith('(') ? `${id} ${title}` : `${id}: ${title}`, { timeout: 60_000 }, body);
}

/**
 * The last statement of a test file: prints how many rows it covers, and asserts that they are
 * those that the table gives it.
 *
 * @param url `import.meta.url` of the test file.
 */
export function endOfRows(url: string): void {
  const file = basename(fileURLToPath(url), extname(url));
  const given = rowsFor(file);
  test(`${file} covers all rows that the table gives it`, (t) => {
    t.diagnostic(`${file}: ${registered.size} of ${given.length} rows`);
    assert.notEqual(given.length, 0);
    assert.deepEqual(registered, new Set(given));
  });
}

function rowsFor(file: string): string[] {
  return Object.entries(parprocTable).flatMap(([id, where]) => (where.file === file ? [id] : []));
}
