/** What parproc uses of grunt: structural, so that any copy of grunt fits. */
export interface Grunt {
  readonly task: { exists(name: string): boolean };
  // biome-ignore lint/suspicious/noExplicitAny: grunt's own types say `any` as well
  readonly option: ((key: string) => any) & { keys(): string[] };
  readonly fail: { fatal(error: unknown): void };
  // biome-ignore lint/suspicious/noExplicitAny: as above
  registerTask(name: string, description: string, run: (this: GruntTask) => void): any;
}

/** A task of grunt while it runs. */
export interface GruntTask {
  readonly name: string;
  /** What follows the name, between colons. */
  readonly args?: readonly string[];
  async(): (result?: unknown) => void;
}
