import { Readable } from 'node:stream';
import type Vinyl from 'vinyl';
import File from 'vinyl';

/** A file below `/site/src`. */
export function fileOf(relative: string, contents: string | Buffer | null): Vinyl {
  return new File({
    cwd: '/site',
    base: '/site/src',
    path: `/site/src/${relative}`,
    contents: typeof contents === 'string' ? Buffer.from(contents) : contents,
  });
}

/** What comes out of a plugin when `files` go in. Rejects with its error. */
export async function through(
  files: Iterable<unknown>,
  plugin: NodeJS.ReadWriteStream,
): Promise<Vinyl[]> {
  const outputs: Vinyl[] = [];
  await new Promise((resolve, reject) => {
    plugin.on('error', reject).on('end', resolve);
    plugin.on('data', (file: unknown) => outputs.push(file as Vinyl));
    Readable.from(files).pipe(plugin);
  });
  return outputs;
}

/** `path contents` of each, with paths relative to the base. */
export function shownOf(files: readonly Vinyl[]): string[] {
  return files.map(({ relative, contents }) => `${relative} ${String(contents)}`);
}
