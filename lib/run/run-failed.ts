/** What gulp is told when tasks of a run failed. The tasks themselves were reported before. */
export class RunFailed extends Error {
  override readonly name = 'RunFailed';
  /** Full names of the tasks that failed themselves. */
  readonly tasks: readonly string[];

  constructor(tasks: readonly string[], wasCancelled: boolean) {
    super(messageOf(tasks, wasCancelled));
    this.tasks = tasks;
    this.stack = this.message;
    // gulp-cli prints errors that have this property by `toString()`, without a stack.
    Object.defineProperty(this, 'showStack', { value: false });
  }

  override toString(): string {
    return this.message;
  }
}

function messageOf(tasks: readonly string[], wasCancelled: boolean): string {
  if (tasks.length === 0) return wasCancelled ? 'Interrupted.' : 'Nothing could be run.';
  const shown = tasks.slice(0, 5).join(', ');
  const rest = tasks.length > 5 ? ` and ${tasks.length - 5} more` : '';
  return `${tasks.length === 1 ? 'Task failed' : `${tasks.length} tasks failed`}: ${shown}${rest}`;
}
