import { clear, configure, type TaskContext } from '../../lib/index.ts';

/** Tasks in the test process, and what they tell of themselves. */
export interface Stage {
  /** `NAME started` and `NAME ended`, in order. */
  readonly log: string[];
  /** An action that notes its start and its end, which are some turns of the event loop apart. */
  readonly play: (ctx: TaskContext<unknown>) => Promise<string>;
  /** An action that notes its start and its end, and goes on in between when `resume` is called. */
  readonly pause: (ctx: TaskContext<unknown>) => Promise<void>;
  readonly resume: () => void;
  /** Resolves when the task that pauses has started. */
  readonly paused: Promise<void>;
}

/** A beginning without tasks, in this process, without a cache. */
export function openStage(): Stage {
  configure({ mode: 'single', cache: false, parallel: 8 });
  clear();
  const log: string[] = [];
  const [paused, tellPaused] = signal();
  const [resumed, resume] = signal();
  return {
    log,
    async play({ name }) {
      log.push(`${name} started`);
      for (let turn = 0; turn < 5; turn++) await new Promise((next) => setImmediate(next));
      log.push(`${name} ended`);
      return name;
    },
    async pause({ name }) {
      log.push(`${name} started`);
      tellPaused();
      await resumed;
      log.push(`${name} ended`);
    },
    resume,
    paused,
  };
}

/** The log of tasks that run one after the other. */
export function inTurn(...names: readonly string[]): string[] {
  return names.flatMap((name) => [`${name} started`, `${name} ended`]);
}

function signal(): [given: Promise<void>, give: () => void] {
  let give: () => void = () => undefined;
  const given = new Promise<void>((resolve) => {
    give = resolve;
  });
  return [given, give];
}
