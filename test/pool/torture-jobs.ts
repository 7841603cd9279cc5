import { appendFileSync } from 'node:fs';

/** Writes down that it has started, before anything else. */
export function note(log: string, id: number, doesExit: boolean): number {
  appendFileSync(log, `${id}\n`);
  if (doesExit) process.exit(0);
  return id * 2;
}
