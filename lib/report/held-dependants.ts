import { safeName } from './terminal-safe.ts';

const mostNames = 8;

/** Tasks that could not run, until it is known which of them have a common cause. */
export class HeldDependants {
  #tasks = new Map<string, string[]>();

  get isEmpty(): boolean {
    return this.#tasks.size === 0;
  }

  add(task: string, cause: string): void {
    const tasks = this.#tasks.get(cause);
    if (tasks === undefined) this.#tasks.set(cause, [task]);
    else tasks.push(task);
  }

  /** A line for each cause. */
  take(): string[] {
    if (this.#tasks.size === 0) return [];
    const lines = [...this.#tasks].map(([cause, tasks]) => lineOf(cause, tasks));
    this.#tasks = new Map();
    return lines;
  }
}

function lineOf(cause: string, tasks: readonly string[]): string {
  const why = `not run: ${safeName(cause)} failed`;
  const [first = ''] = tasks;
  if (tasks.length === 1) return `${safeName(first)}  ${why}`;
  const names = tasks.slice(0, mostNames).map(safeName).join(', ');
  const more = tasks.length > mostNames ? ` and ${tasks.length - mostNames} more` : '';
  return `${tasks.length} tasks  ${why} (${names}${more})`;
}
