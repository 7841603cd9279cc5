import type { Waiting } from '../model/blocker.ts';
import type { Reporter, RunEvent } from '../model/run-event.ts';
import { LiveBoard } from './live-board.ts';
import type { LiveRegion, Terminal } from './live-region.ts';
import { type PlainOptions, plainReporter } from './plain-reporter.ts';
import { waitingText } from './waiting-text.ts';

/** The terminal of a live view, and what else happens on it. */
export interface LiveTerminal extends Terminal {
  /** Milliseconds of the clock of the events. */
  now(): number;
  /**
   * Calls `run` so often until what it returns is called; does not keep the process alive. `onContinue`
   * comes first.
   */
  every(ms: number, run: () => void): () => void;
  /** Gives `take` what others in this process write to the terminal, until what it returns is called. */
  capture(take: (text: string) => void): () => void;
  /** Calls `run` when the size changes, until what it returns is called. */
  onResize(run: () => void): () => void;
  /** Calls `run` when the process goes on after it was stopped, until what it returns is called. */
  onContinue(run: () => void): () => void;
}

/** What a live view is made of. */
export interface LiveOptions extends Omit<PlainOptions, 'write' | 'timeOfDay'> {
  readonly terminal: LiveTerminal;
  readonly slotCount: number;
  /** Up to `limit` tasks that do not go on, and why. */
  readonly waiting: (limit: number) => readonly Waiting[];
}

/** A live view on a terminal. */
export interface LiveView {
  readonly report: Reporter;
  /** So many tasks are up to date, of which there are no events. */
  skip(count: number): void;
  /** Leaves the terminal to somebody else; what is to be shown waits for `resume`. */
  pause(): void;
  resume(): void;
  /** Takes away what is not to stay, and shows what has been held back. */
  close(): void;
}

/** Ten frames a second at most, and fewer where drawing one takes long: it is to cost 3 % of the time. */
const frameMs = 100;
const pauseFactor = 33;
const longestPauseMs = 300;

/**
 * What runs, as it changes, below what stays: a line for each task that has ended, and what matters
 * of what it wrote. Nothing of the terminal's own state is changed, so nothing has to be put back.
 */
export function liveReporter(options: LiveOptions): LiveView {
  const { terminal, logs, look, slotCount } = options;
  const board = new LiveBoard();
  let above = '';
  let partial = '';
  let tick = 0;
  let notBefore = 0;
  let isPaused = false;
  let region: LiveRegion | undefined;
  let frameOf: typeof import('./live-frame.ts').frameOf | undefined;
  let stops: (() => void)[] = [];

  const show = plainReporter({
    ...options,
    isLive: true,
    timeOfDay: () => '',
    write: (text) => {
      above += text;
      if (stops.length === 0 && !isPaused) flush();
    },
  });

  function flush(): void {
    const text = above;
    above = '';
    if (region === undefined) terminal.write(text);
    else region.draw(text, () => []);
  }

  function draw(): void {
    if (isPaused || region === undefined || frameOf === undefined) return;
    const now = terminal.now();
    if (now < notBefore) return;
    const running = board.running.map((task) => ({
      ...task,
      logPath: logs.pathOf(task.run, task.name),
    }));
    const isFull = running.length >= slotCount;
    const scene = {
      running,
      waiting: isFull ? [] : options.waiting(3).map(waitingText),
      counts: board.counts,
      leftMs: board.leftMs(now, slotCount),
      now,
      tick: tick++,
    };
    const text = above;
    above = '';
    const frame = frameOf;
    region.draw(text, (room) => (running.length === 0 ? [] : frame(scene, room, look)));
    notBefore = now + Math.min(pauseFactor * (terminal.now() - now), longestPauseMs);
  }

  /** The shell has written below the view meanwhile. */
  function goOn(): void {
    region?.leave();
    notBefore = 0;
    draw();
  }

  /** Who drags a window changes its size very often: it is drawn with the next frame, whatever that costs. */
  function resized(): void {
    notBefore = 0;
  }

  /** What others write stays above, whole lines at a time. */
  function takeForeign(text: string): void {
    const end = text.lastIndexOf('\n') + 1;
    if (end === 0) {
      partial += text;
      return;
    }
    above += partial + text.slice(0, end);
    partial = text.slice(end);
  }

  function open(): void {
    if (isPaused || stops.length > 0) return;
    stops = [
      terminal.capture(takeForeign),
      terminal.every(frameMs, region === undefined ? load : draw),
      terminal.onResize(resized),
      terminal.onContinue(goOn),
    ];
  }

  /** Only now, since most builds have ended before there is anything to draw. */
  function load(): void {
    stops[1]?.();
    stops[1] = () => undefined;
    void Promise.all([import('./live-region.ts'), import('./live-frame.ts')]).then(
      ([{ LiveRegion: Region }, frame]) => {
        region ??= new Region(terminal);
        frameOf = frame.frameOf;
        if (stops.length === 0) return;
        draw();
        stops[1] = terminal.every(frameMs, draw);
      },
    );
  }

  function close(): void {
    for (const stop of stops) stop();
    stops = [];
    above += partial === '' ? '' : `${partial}\n`;
    partial = '';
    flush();
  }

  return {
    report(event: RunEvent) {
      board.take(event);
      if (event.event === 'run-started') open();
      show(event);
      if (event.event === 'run-ended' && !board.isBusy) close();
    },
    skip: (count) => board.skip(count),
    pause() {
      close();
      isPaused = true;
    },
    resume() {
      isPaused = false;
      flush();
      if (board.isBusy) open();
    },
    close,
  };
}
