import type { ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
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

/**
 * Whether any process of the group that `child` leads is alive. Where the system does not tell
 * (no `/proc`), zombies count: only their parent can clear them away, and it may never do so.
 */
export function isGroupLeft(child: ChildProcess): boolean {
  if (child.pid === undefined || !hasGroups) return false;
  try {
    process.kill(-child.pid, 0);
  } catch {
    return false;
  }
  return !isKnownDead(child.pid);
}

function isKnownDead(group: number): boolean {
  if (process.platform !== 'linux') return false;
  try {
    return !readdirSync('/proc').some((name) => /^\d+$/.test(name) && isAliveIn(group, name));
  } catch {
    return false;
  }
}

function isAliveIn(group: number, pid: string): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name of the program stands in brackets and may hold anything; then state, parent, group.
    const [state, , leader] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return Number(leader) === group && state !== 'Z' && state !== 'X';
  } catch {
    return false;
  }
}
