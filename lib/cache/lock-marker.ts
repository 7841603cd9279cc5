import { existsSync } from 'node:fs';

/** Where it stands who holds the lock in `file`. */
export function markerOf(file: string): string {
  return `${file}-holder`;
}

/** Whether a build may be under way that uses the lock in `file`: one that was killed seems to be. */
export function isMarked(file: string): boolean {
  return existsSync(markerOf(file));
}
