import { type ImportFinder, ImportTracker } from '../imports/import-tracker.ts';
import type { TrackedImports } from './node-files.ts';

/** What of the options is about imports. */
export interface ImportOptions {
  /** Whether imports are followed where a definition does not say it. */
  readonly isOn: boolean;
  readonly roots: readonly string[];
  readonly finders: Readonly<Record<string, ImportFinder>>;
}

/** Follows imports for those tasks that want it; one memory for all of them. */
export function trackedImports(
  { isOn, roots, finders }: ImportOptions,
  workDir: string,
  clock: () => number,
): TrackedImports {
  let tracker: ImportTracker | undefined;
  return ({ definition }) => {
    if (!(definition.trackImports ?? isOn)) return undefined;
    tracker ??= new ImportTracker({ workDir, roots, finders, clock });
    return tracker;
  };
}
