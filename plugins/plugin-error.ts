import { relative } from 'node:path';
import type { GulpFile } from './gulp-file.ts';

/** What went wrong in a plugin at one file. `cause` is the error itself. */
export class PluginError extends Error {
  override readonly name = 'PluginError';
  /** The plugin, by the name that it was given. */
  readonly plugin: string;
  /** The absolute path of the file. */
  readonly fileName: string;

  constructor(plugin: string, file: Pick<GulpFile, 'path' | 'cwd'>, cause: unknown) {
    const what = cause instanceof Error ? cause.message : String(cause);
    super(`${plugin}: ${relative(file.cwd, file.path)}: ${what}`, { cause });
    this.plugin = plugin;
    this.fileName = file.path;
    // gulp prints the stack and no cause, and where the file was handed on says nothing.
    this.stack = [`${this.name}: ${this.message}`, ...framesOf(cause)].join('\n');
  }
}

function framesOf(cause: unknown): string[] {
  if (!(cause instanceof Error) || cause.stack === undefined) return [];
  return cause.stack.split('\n').filter((line) => /^\s+at /.test(line));
}
