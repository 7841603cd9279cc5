import { type CpuInfo, cpus } from 'node:os';

/** Tells how many cores had nothing to do, whoever it is that keeps the others busy. */
export class SpareCores {
  #before = cpus();

  /**
   * Cores that were idle since this was asked last, in parts of one: 1.4 of 2 cores, say. Infinity where the
   * system does not tell.
   */
  sinceLast(): number {
    const now = cpus();
    if (now.length === 0) return Number.POSITIVE_INFINITY;
    let spare = 0;
    for (const [at, core] of now.entries()) spare += idlePart(this.#before[at] ?? core, core);
    this.#before = now;
    return spare;
  }
}

function idlePart({ times: before }: CpuInfo, { times: now }: CpuInfo): number {
  const idle = now.idle - before.idle;
  const all = totalOf(now) - totalOf(before);
  return all <= 0 ? 0 : Math.min(1, Math.max(0, idle / all));
}

function totalOf({ user, nice, sys, idle, irq }: CpuInfo['times']): number {
  return user + nice + sys + idle + irq;
}
