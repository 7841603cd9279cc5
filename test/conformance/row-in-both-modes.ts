import assert from 'node:assert/strict';
import { modes, runScript } from '../rig/run-script.ts';
import { row } from './rows.ts';

/** What a script is expected to do. */
export interface Expected {
  /** Of `tell(value)`. */
  readonly told: readonly unknown[];
  /** Of `mark(text)`. Default: not looked at. */
  readonly marks?: readonly string[];
}

/**
 * A row that is a script: what it tells is compared whole, with tasks in workers and in process.
 *
 * @param options Options beside `mode` and `cache: false`, as source.
 */
export function rowInBothModes(
  id: string,
  title: string,
  program: string,
  { told, marks }: Expected,
  options?: string,
): void {
  for (const mode of modes) {
    row(id, `${title} [${mode}]`, async () => {
      const result = await runScript(program, { mode, ...(options !== undefined && { options }) });
      assert.deepEqual(result.told, told, result.stdout + result.stderr);
      if (marks !== undefined) assert.deepEqual(result.marks, marks, result.stdout);
    });
  }
}
