import { promises } from 'node:fs';
import { basename, join } from 'node:path';

/**
 * Makes the folder of the cache: it is ours alone, and git does not see it.
 *
 * @throws what `mkdir` does
 */
export async function prepareFolder(folder: string): Promise<void> {
  const created = await promises.mkdir(folder, { recursive: true, mode: 0o700 });
  if (created === undefined && basename(folder) !== '.parproc') return;
  const ignored = join(folder, '.gitignore');
  await promises.writeFile(ignored, '*\n', { flag: 'wx' }).catch(() => undefined);
}
