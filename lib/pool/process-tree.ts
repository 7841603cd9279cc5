import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import process from 'node:process';

/** A process that can be told from a later one with the same number. */
export interface KnownProcess {
  readonly pid: number;
  /** As the system counts it; empty where it does not tell. */
  readonly startedAt: string;
}

interface Entry extends KnownProcess {
  readonly parent: number;
  readonly group: number;
  readonly isDead: boolean;
}

/**
 * The descendants of `pid` that have left the group it leads, by starting a session of their own:
 * a signal to the group does not reach them. Must be asked while `pid` is alive: when a process has
 * ended, nothing tells whose child it was.
 */
export function straysOf(pid: number): readonly KnownProcess[] {
  const entries = allProcesses();
  const family = new Set([pid]);
  for (let size = 0; size !== family.size; ) {
    size = family.size;
    for (const entry of entries) if (family.has(entry.parent)) family.add(entry.pid);
  }
  return entries.filter((entry) => family.has(entry.pid) && entry.group !== pid && !entry.isDead);
}

/** Sends `signal` to those of `processes` that are still there. */
export function signalAll(processes: readonly KnownProcess[], signal: NodeJS.Signals): void {
  for (const { pid } of processes.filter(isThere)) {
    try {
      process.kill(pid, signal);
    } catch {
      // It has just gone, which is what was wanted.
    }
  }
}

/** Whether `known` is still alive. */
export function isThere(known: KnownProcess): boolean {
  if (process.platform !== 'linux') {
    try {
      process.kill(known.pid, 0);
      return true;
    } catch {
      return false;
    }
  }
  const entry = entryOf(String(known.pid));
  return entry !== undefined && entry.startedAt === known.startedAt && !entry.isDead;
}

/** Ends `pid` and what it has started, where there are no process groups. */
export function killWindowsTree(pid: number): void {
  spawnSync('taskkill', ['/pid', String(pid), '/T', '/F'], { stdio: 'ignore', windowsHide: true });
}

function allProcesses(): Entry[] {
  if (process.platform === 'win32') return [];
  if (process.platform !== 'linux') return listedProcesses();
  return readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? (entryOf(name) ?? []) : []));
}

function entryOf(pid: string): Entry | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name of the program stands in brackets and may hold anything.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [state = '', parent, group] = fields;
    return {
      pid: Number(pid),
      parent: Number(parent),
      group: Number(group),
      startedAt: fields[19] ?? '',
      isDead: state === 'Z' || state === 'X',
    };
  } catch {
    return undefined;
  }
}

/** For systems without `/proc`, such as macOS. */
function listedProcesses(): Entry[] {
  const { stdout } = spawnSync('ps', ['-A', '-o', 'pid=,ppid=,pgid=,stat='], { encoding: 'utf8' });
  return (stdout ?? '').split('\n').flatMap((line) => {
    const [pid, parent, group, stat = ''] = line.trim().split(/\s+/);
    if (pid === undefined || pid === '') return [];
    const isDead = stat.startsWith('Z');
    return {
      pid: Number(pid),
      parent: Number(parent),
      group: Number(group),
      startedAt: '',
      isDead,
    };
  });
}
