import { isAbsolute, relative, resolve } from 'node:path';
import { host } from './host.ts';

/**
 * The first-party files that some files import, those that these import, and so on, without the files
 * themselves: for plugins that depend on more than the file they are given (new). Scripts, style
 * sheets and templates are understood; what cannot be parsed or is not there imports nothing.
 *
 * @param files Absolute, or relative to the working directory.
 * @param roots Folders; only what lies in them is followed. Default: the working directory.
 * @returns Absolute paths, sorted.
 */
export async function importedFiles(
  files: readonly string[],
  roots: readonly string[] = ['.'],
): Promise<string[]> {
  const { ImportTracker } = await import('../imports/import-tracker.ts');
  const workDir = host.workDir();
  const tracker = new ImportTracker({ workDir, roots, finders: {}, clock: host.epochMs });
  const local = files.map((file) => (isAbsolute(file) ? relative(workDir, file) : file));
  return tracker.importsOf(local).map((file) => resolve(workDir, file));
}
