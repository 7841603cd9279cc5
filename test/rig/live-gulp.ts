import assert from 'node:assert/strict';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { type GulpOptions, type GulpResult, type JsonEvent, runGulp } from './run-gulp.ts';
import type { TempProject } from './temp-project.ts';

/** A gulp that watches. */
export class LiveGulp {
  readonly child: ChildProcessWithoutNullStreams;
  readonly #events: JsonEvent[] = [];
  readonly #looks = new Set<() => void>();
  /** How many events have been waited for. */
  #cursor = 0;
  #text = '';

  constructor(child: ChildProcessWithoutNullStreams) {
    this.child = child;
    child.stdout.on('data', (text: string) => this.#take(text));
  }

  /** Resolves with the next event that fits, after those that were waited for before. */
  next(fits: (event: JsonEvent) => boolean): Promise<JsonEvent> {
    return new Promise((resolve) => {
      const look = (): void => {
        const at = this.#events.findIndex((event, index) => index >= this.#cursor && fits(event));
        const event = this.#events[at];
        if (event === undefined) return;
        this.#cursor = at + 1;
        this.#looks.delete(look);
        resolve(event);
      };
      this.#looks.add(look);
      look();
    });
  }

  /** Resolves when something has happened, be it before or after what was waited for. */
  seen(fits: (event: JsonEvent) => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (!this.#events.some(fits)) return;
        this.#looks.delete(look);
        resolve();
      };
      this.#looks.add(look);
      look();
    });
  }

  /** Resolves when nothing is left to be done. */
  async settled(): Promise<void> {
    await this.next(({ event }) => event === 'watch-settled');
  }

  /** Resolves with the next batch of changes. */
  changed(): Promise<JsonEvent> {
    return this.next(({ event }) => event === 'files-changed');
  }

  /** Resolves when a task is started or has ended. */
  async task(name: string, event: 'started' | 'ended' = 'started'): Promise<void> {
    await this.next((each) => each.event === `task-${event}` && each.task === name);
  }

  /** Resolves when a change has been heard of and nothing is left to be done. */
  async rebuilt(): Promise<JsonEvent> {
    const event = await this.changed();
    await this.settled();
    return event;
  }

  /** What has happened so far: starts and ends of tasks, batches of changes. */
  story(): string[] {
    return storyIn(this.#events);
  }

  #take(text: string): void {
    this.#text += text;
    const lines = this.#text.split('\n');
    this.#text = lines.pop() ?? '';
    for (const line of lines) {
      if (line.startsWith('{"v":1,')) this.#events.push(JSON.parse(line) as JsonEvent);
    }
    for (const look of this.#looks) look();
  }
}

/** How a watching gulp is used and ended. */
export interface LiveOptions extends Omit<GulpOptions, 'during'> {
  /** Default: SIGINT. */
  readonly signal?: NodeJS.Signals;
  /** What is expected on standard error. Default: nothing. */
  readonly stderr?: RegExp;
}

/**
 * Runs `gulp NAMES --live` and `use`, then tells it to end: asserts that it does so with the code of
 * Ctrl-C, and that nothing of it is left.
 */
export async function live(
  project: TempProject,
  args: readonly string[],
  use: (gulp: LiveGulp) => Promise<void>,
  { signal = 'SIGINT', stderr = /^$/, ...options }: LiveOptions = {},
): Promise<GulpResult> {
  let failure: Error | undefined;
  const result = await runGulp(project, [...args, '--live', '--json', '-S'], {
    code: 130,
    ...options,
    during: async (child) => {
      try {
        await use(new LiveGulp(child));
      } catch (error) {
        failure = error instanceof Error ? error : new Error(String(error));
      }
      child.kill(signal);
    },
  });
  if (failure !== undefined) throw failure;
  assert.match(result.stderr, stderr);
  return result;
}

/** Starts and ends of tasks with their states, and batches of changes, in order; groups left out. */
export function storyIn(events: readonly JsonEvent[]): string[] {
  return events.flatMap(({ event, task, state, isGroup, tasks }) => {
    if (isGroup === true) return [];
    if (event === 'files-changed')
      return [`changed for ${(tasks as string[]).toSorted().join(' ')}`];
    if (event === 'task-started') return [`${task} started`];
    if (event === 'task-outdated') return [`${task} outdated`];
    return event === 'task-ended' ? [`${task} ${state}`] : [];
  });
}
