import { lstatSync, readdirSync, realpathSync, rmdirSync, rmSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, sep } from 'node:path';
import { outputFiles, outputFolders } from './declared-files.ts';

/**
 * Removes the files and folders that declared outputs stand for, and the folders above them that are
 * empty then. A link goes, not what it leads to.
 *
 * @param files Paths of files that go as well.
 * @param workDir Absolute: what is not below it is not touched.
 * @throws Error for an output that is the working directory, above or beside it; nothing is removed then
 * @throws what `node:fs` does
 */
export function removeOutputs(
  outputs: readonly string[],
  files: readonly string[],
  workDir: string,
): void {
  const declared = outputs.flatMap((output) => [
    ...outputFolders([output], workDir),
    ...outputFiles([output], workDir).files,
  ]);
  const paths = [...declared, ...files];
  for (const path of paths) refuseOutside(path, workDir);
  for (const path of paths) rmSync(join(workDir, path), { recursive: true, force: true });
  for (const path of paths) removeEmpty(dirname(path), workDir);
}

/** Where links on the way lead counts, of the last one not. */
function refuseOutside(path: string, workDir: string): void {
  if (lstatSync(join(workDir, path), { throwIfNoEntry: false }) === undefined) return;
  const home = realpathSync(workDir);
  const local = relative(home, join(realpathSync(dirname(join(workDir, path))), last(path)));
  if (local !== '' && local !== '..' && !local.startsWith(`..${sep}`) && !isAbsolute(local)) return;
  throw new Error(`The output '${path}' is not below ${workDir}, so it is not removed.`);
}

function last(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return name === '.' || name === '..' ? join(name, '.') : name;
}

function removeEmpty(folder: string, workDir: string): void {
  for (let at = folder; at !== '.' && !at.startsWith('..'); at = dirname(at)) {
    const path = join(workDir, at);
    const stats = lstatSync(path, { throwIfNoEntry: false });
    if (stats !== undefined && (!stats.isDirectory() || readdirSync(path).length > 0)) return;
    if (stats !== undefined) rmdirSync(path);
  }
}
