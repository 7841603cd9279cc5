import { type ImportFinder, type ImportMemory, ImportTracker } from '../imports/import-tracker.ts';
import type { TrackedImports } from './node-files.ts';

/** What of the options is about imports. */
export interface ImportOptions {
  /** Whether imports are followed where a definition does not say it. */
  readonly isOn: boolean;
  readonly roots: readonly string[];
  readonly finders: Readonly<Record<string, ImportFinder>>;
}

/** Where imports are followed, and what lasts of that. */
export interface ImportSurroundings {
  readonly workDir: string;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** Default: nothing is kept. */
  readonly memory?: ImportMemory | undefined;
}

/** Follows imports for those tasks that want it; one memory for all of them. */
export function trackedImports(
  { isOn, roots, finders }: ImportOptions,
  { workDir, clock, memory }: ImportSurroundings,
): { readonly of: TrackedImports; save(): void } {
  let tracker: ImportTracker | undefined;
  return {
    of({ definition }) {
      if (!(definition.trackImports ?? isOn)) return undefined;
      const kept = memory === undefined ? {} : { memory };
      tracker ??= new ImportTracker({ workDir, roots, finders, clock, ...kept });
      return tracker;
    },
    save: () => tracker?.save(),
  };
}
