import type { GulpFile } from './gulp-file.ts';

/** A plugin's stream, or those of several in a row. */
export type PluginStreams = NodeJS.ReadWriteStream | readonly NodeJS.ReadWriteStream[];

/**
 * What plugins make of one file: it is all that they get.
 *
 * @throws What one of the streams emits as `error`, by rejecting. @throws TypeError For no stream.
 */
export function runThrough(plugins: PluginStreams, file: GulpFile): Promise<GulpFile[]> {
  const streams = ([] as NodeJS.ReadWriteStream[]).concat(plugins);
  const [first] = streams;
  const last = streams.at(-1);
  return new Promise((resolve, reject) => {
    if (first === undefined || last === undefined || !streams.every(isStream)) {
      throw new TypeError('It returned no stream. Return a plugin, or a list of plugins in a row.');
    }
    const outputs: GulpFile[] = [];
    for (const stream of streams) stream.on('error', reject);
    last.on('data', (output: unknown) => outputs.push(output as GulpFile));
    last.on('end', () => resolve(outputs));
    // A stream that was destroyed ends no other way; after `end` this changes nothing.
    last.on('close', () => reject(new Error('The plugin closed its stream before its end.')));
    streams.reduce((from, to) => from.pipe(to));
    (first as { end(file: unknown): void }).end(file);
  });
}

function isStream(value: unknown): boolean {
  return typeof (value as { pipe?: unknown } | null | undefined)?.pipe === 'function';
}
