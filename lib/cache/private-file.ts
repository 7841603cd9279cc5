import { renameSync, rmSync, type Stats, writeFileSync } from 'node:fs';
import { ownUserId } from './platform.ts';

/** Whether it is a file that nobody else can write to: what others can write to is not to be believed. */
export function isOurs(stats: Stats): boolean {
  return stats.isFile() && (ownUserId === undefined || isPrivate(stats, ownUserId));
}

function isPrivate({ uid, mode }: Stats, user: number): boolean {
  return uid === user && (mode & 0o022) === 0;
}

/** Writes a file that nobody else can write to. A reader gets the old content or the new one. */
export function replaceFile(file: string, content: string | Buffer): void {
  const temporary = `${file}.new`;
  rmSync(temporary, { force: true });
  writeFileSync(temporary, content, { flag: 'wx', mode: 0o600 });
  renameSync(temporary, file);
}
