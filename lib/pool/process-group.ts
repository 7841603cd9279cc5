import type { ChildProcess } from 'node:child_process';
import process from 'node:process';

const hasGroups = process.platform !== 'win32';

/** Whether children can lead a process group of their own, which can be stopped as a whole. */
export const canLeadGroup: boolean = hasGroups;

/** Sends `signal` to the group that `child` leads; where there are no groups, to `child` alone. */
export function signalGroup(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (child.pid === undefined) return;
  if (!hasGroups) {
    child.kill(signal);
    return;
  }
  try {
    process.kill(-child.pid, signal);
  } catch {
    // The group is gone already, which is what was wanted.
  }
}

/** Whether any process of the group that `child` leads is left, zombies included. */
export function isGroupLeft(child: ChildProcess): boolean {
  if (child.pid === undefined || !hasGroups) return false;
  try {
    process.kill(-child.pid, 0);
    return true;
  } catch {
    return false;
  }
}
