import { appendFileSync, readdirSync, readFileSync, readlinkSync, writeSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { currentJob, Pool } from '../../lib/pool/index.ts';

export const sqr = async (x: number, waitMs = 0): Promise<number> => {
  if (waitMs > 0) await pause(waitMs);
  return x * x;
};
export const named = ({ x }: { x: number }): number => x * x;
export const add = (a: number, b: number): number => a + b;
export const identity = (value: unknown): unknown => value;
export const sleep = (ms: number): Promise<void> => pause(ms);
export const throwValue = (value: unknown): never => {
  throw value;
};
export const closure = (): object => ({ run: () => undefined });
export const bytes = (length: number): Buffer => Buffer.alloc(length, 7);
export const exit = (code: number): never => process.exit(code);
export const isAborted = (): boolean => currentJob().signal.aborted;
export const note = (file: string): void => appendFileSync(file, 'noted\n');

export async function pid(waitMs: number): Promise<number> {
  if (waitMs > 0) await pause(waitMs);
  return process.pid;
}

export function failOn(x: number): number {
  if (x !== 2) return x;
  const cause = new AggregateError([new Error('first')], 'several');
  const detail = { at: [2], note: 'plain' };
  throw Object.assign(new RangeError('not 2', { cause }), { code: 'E_TWO', detail });
}

export async function failLarge(isBad: boolean): Promise<Buffer> {
  if (isBad) throw new TypeError('x'.repeat(1 << 20));
  await pause(300);
  return Buffer.alloc(1 << 20);
}

export async function nested(items: number[]): Promise<number[]> {
  await using pool = new Pool({ processes: 4 });
  return await pool.map((x: number) => x * x, items);
}

export function recurse(): number {
  return recurse() + 1;
}

export async function untilAborted(): Promise<void> {
  await pause(30_000, undefined, { signal: currentJob().signal }).catch((error: Error) => {
    throw error.cause;
  });
}

export async function tidyUp(): Promise<string> {
  const { signal } = currentJob();
  await pause(30_000, undefined, { signal }).catch(() => undefined);
  return 'tidied';
}

export function deafLoop(): void {
  process.on('SIGTERM', () => undefined);
  for (;;);
}

export function killSelf(signal: NodeJS.Signals): Promise<never> {
  process.kill(process.pid, signal);
  return new Promise(() => setInterval(() => undefined, 1000));
}

export async function dieOnNegative(x: number): Promise<number> {
  if (x < 0) return killSelf('SIGKILL');
  return x;
}

/** Sends a part of an answer by hand: a kill from outside would seldom hit the moment. */
export function dieWhileSending(length: number): Promise<never> {
  writeSync(4, `[${currentJob().id},4,${length}],\n`);
  writeSync(6, Buffer.alloc(length / 2));
  return killSelf('SIGKILL');
}

const hoarded: Buffer[] = [];

export function hoard(megabytes: number): number {
  hoarded.push(Buffer.alloc(megabytes << 20, 1));
  return process.pid;
}

export function failOddly(): never {
  class OddError extends Error {
    override readonly name = 'OddError';
    readonly parts: Map<string, string>;
    constructor(first: string, second: string) {
      super(`${first} and ${second}`);
      this.parts = new Map([[first, second]]);
    }
  }
  throw new OddError('a', 'b');
}

export function noteExit(pid: number, exitCode: number): void {
  appendFileSync(process.env['PARPROC_TEST_FILE'] ?? '', `${pid} ${exitCode}\n`);
}

export function ignoreTerm(): void {
  process.on('SIGTERM', () => undefined);
}

/** Catches what can be caught and goes on for ever. */
export function catchAll(): never {
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const)
    process.on(signal, () => undefined);
  process.on('exit', () => catchAll());
  for (;;) {
    try {
      JSON.parse('{');
    } catch {
      // Goes on.
    }
  }
}

export function spin(): never {
  for (;;);
}

/** What this process has open, without what Node opens for itself at times of its own. */
export function descriptors(): string[] {
  const found = readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      const target = readlinkSync(`/proc/self/fd/${fd}`);
      return [target.replace(/[\da-f]{8}-[-\da-f]+|\d+/g, '')];
    } catch {
      return [];
    }
  });
  return found.sort();
}

export function writeJunk(junk: string): Promise<never> {
  writeSync(4, `${junk},\n`);
  return new Promise(() => setInterval(() => undefined, 1000));
}

export async function killLater(_: number, waitMs: number): Promise<number> {
  await pause(waitMs);
  return killSelf('SIGKILL');
}

export function readStdin(): string {
  return readFileSync(0, 'utf8');
}

/** Returns, and blocks its process from then on. */
export function leaveLoop(): number {
  setImmediate(spin);
  return process.pid;
}
