/** What a task has written through `ctx.dest()`. Paths are relative to the working directory. */
export interface Written {
  readonly files: readonly string[];
  /** Folders out of which files go that the task wrote the last time and not this time. */
  readonly pruned: readonly string[];
}
