import { after } from './timer.ts';

/** One limit: what is left of it, and since when it runs. */
interface Clock {
  readonly passed: () => void;
  leftMs: number;
  since: number | undefined;
  cancel: () => void;
}

/** The time limits of one job. They run from its start, and stand still while they are paused. */
export class JobLimits {
  readonly softMs: number | undefined;
  readonly hardMs: number | undefined;
  #clocks: Clock[] = [];
  #pauses = 0;

  constructor(softMs: number | undefined, hardMs: number | undefined) {
    this.softMs = softMs;
    this.hardMs = hardMs;
  }

  /** The job has started, maybe anew in another worker. */
  start(softPassed: () => void, hardPassed: () => void): void {
    this.stop();
    const { softMs, hardMs } = this;
    if (softMs !== undefined) this.#clocks.push(clockOf(softMs, softPassed));
    if (hardMs !== undefined) this.#clocks.push(clockOf(hardMs, hardPassed));
    if (this.#pauses === 0) for (const clock of this.#clocks) run(clock);
  }

  /** The job waits for something that does not count. As many calls of `resume` end it. */
  pause(): void {
    this.#pauses += 1;
    for (const clock of this.#clocks) hold(clock);
  }

  resume(): void {
    this.#pauses -= 1;
    if (this.#pauses > 0) return;
    for (const clock of this.#clocks) run(clock);
  }

  stop(): void {
    for (const clock of this.#clocks) hold(clock);
    this.#clocks = [];
  }
}

function clockOf(leftMs: number, passed: () => void): Clock {
  return { passed, leftMs, since: undefined, cancel: () => undefined };
}

function run(clock: Clock): void {
  if (clock.since !== undefined) return;
  clock.since = performance.now();
  clock.cancel = after(clock.leftMs, clock.passed);
}

function hold(clock: Clock): void {
  if (clock.since === undefined) return;
  clock.cancel();
  clock.leftMs = Math.max(0, clock.leftMs - (performance.now() - clock.since));
  clock.since = undefined;
}
