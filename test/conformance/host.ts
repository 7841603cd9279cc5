import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { repository } from '../rig/temp-project.ts';

const poolUrl = pathToFileURL(`${repository}/dist/lib/pool/index.js`).href;

/** A program of its own that has a pool. */
export class Host {
  readonly token: string = randomUUID();
  readonly child: ChildProcess;
  readonly #waiting: (() => void)[] = [];
  stdout = '';
  stderr = '';

  /** @param source Of a module that has imported all of `parproc/pool` as `pool`. */
  constructor(source: string) {
    const text = `import * as pool from '${poolUrl}';\nconst { Pool } = pool;\n${source}`;
    this.child = spawn(process.execPath, ['--input-type=module', '-e', text], {
      env: { ...process.env, PARPROC_TEST_TOKEN: this.token },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child.stdout?.on('data', (chunk: Buffer) => {
      this.stdout += chunk.toString();
      for (const wake of this.#waiting.splice(0)) wake();
    });
    this.child.stderr?.on('data', (chunk: Buffer) => {
      this.stderr += chunk.toString();
    });
  }

  /** Resolves when it has printed `text`. */
  async heard(text: string): Promise<void> {
    while (!this.stdout.includes(text)) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** How it ended, after its streams have. */
  async ended(): Promise<{ code: number | null; signal: string | null }> {
    const [code, signal] = (await once(this.child, 'close')) as [number | null, string | null];
    return { code, signal };
  }
}

/** What a pool of this process has open, as far as can be counted. */
export function openDescriptors(): number {
  return readdirSync('/proc/self/fd').length;
}

/** The error that `promise` rejects with; anything else fails the test. */
export async function rejection(promise: PromiseLike<unknown>): Promise<Error & { code?: string }> {
  let value: unknown;
  try {
    value = await promise;
  } catch (error) {
    if (error instanceof Error) return error;
    throw new Error(`It rejected with ${String(error)}, which is no Error.`);
  }
  throw new Error(`It resolved with ${String(value)}.`);
}
