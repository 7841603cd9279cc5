import { createRequire } from 'node:module';
import { dirname, relative, resolve, sep } from 'node:path';
import { Readable, Transform } from 'node:stream';
import picomatch from 'picomatch';
import type { DestFolder, DestOptions, SrcOptions } from '../model/context.ts';
import type { TaskRequest } from './task-pool.ts';

const require = createRequire(import.meta.url);

type Source = NodeJS.ReadableStream;
interface VinylFs {
  src(globs: readonly string[], options: object): Source;
  dest(folder: unknown, options: object): NodeJS.ReadWriteStream;
}

/** What `ctx.dest()` has written so far. */
export interface Writings {
  readonly files: Set<string>;
  readonly pruned: Set<string>;
}

/** The files of `ctx.src()`. @throws Error If the task declares no inputs. */
export function srcOf(request: TaskRequest, workDir: string, options: SrcOptions): Source {
  const { inputs, inputPatterns, inputDigests } = request;
  if (inputDigests === undefined) {
    throw new Error(`ctx.src() of '${request.task}' has nothing to read: it declares no inputs.`);
  }
  const streams = groupsOf(inputs, inputPatterns).map(([base, paths]) => () => {
    const own = { cwd: workDir, base: resolve(workDir, base), encoding: false };
    return exactly(paths, workDir, { ...own, ...options });
  });
  return inTurn(streams);
}

/** The stream of `ctx.dest()`, which notes what it has written. */
export function destOf(
  folder: DestFolder,
  workDir: string,
  { prune = false, ...options }: DestOptions,
  writings: Writings,
): NodeJS.ReadWriteStream {
  const local = (path: string): string => relative(workDir, path).split(sep).join('/');
  if (prune) {
    if (typeof folder === 'function') {
      throw new TypeError('ctx.dest() can prune one folder, not those that a function gives.');
    }
    const { cwd = '' } = options as { readonly cwd?: string };
    writings.pruned.add(local(resolve(workDir, cwd, folder)));
  }
  const dest = vinylFs().dest(folder, { cwd: workDir, ...options }) as NodeJS.ReadWriteStream & {
    push(file: { readonly path: string } | null): boolean;
  };
  // Source maps are files as well, of which only the end of the pipeline tells.
  const push = dest.push.bind(dest);
  dest.push = (file) => {
    if (file !== null) writings.files.add(local(file.path));
    return push(file);
  };
  return dest;
}

/** vinyl-fs knows no way to escape what is magic in globs, so too much may be found. */
function exactly(paths: readonly string[], workDir: string, options: object): Source {
  const globs = paths.map((path) => path.replaceAll(magic, '*'));
  const found = vinylFs().src(globs, options);
  if (globs.every((glob, at) => glob === paths[at])) return found;
  const wanted = new Set(paths.map((path) => resolve(workDir, path)));
  const chosen = new Transform({
    objectMode: true,
    transform: (file: { readonly path: string }, _encoding, done) =>
      wanted.has(file.path) ? done(null, file) : done(),
  });
  found.on('error', (error: Error) => chosen.destroy(error));
  return found.pipe(chosen);
}

const magic = /[*?{}()![\]\\]+/g;

let loaded: VinylFs | undefined;

/** Loaded when the first task asks for it. */
function vinylFs(): VinylFs {
  loaded ??= require('vinyl-fs') as VinylFs;
  return loaded;
}

/** vinyl-fs compares each path that it finds with each that it looks for. */
const mostTogether = 32;

/** Files that follow each other and have the same base, not too many. */
function groupsOf(
  inputs: readonly string[],
  patterns: readonly string[],
): (readonly [base: string, paths: string[]])[] {
  const bases = patterns.map(baseFinder);
  const groups: (readonly [string, string[]])[] = [];
  for (const path of inputs) {
    let base: string | undefined;
    for (const find of bases) base ??= find(path);
    base ??= dirname(path);
    const last = groups.at(-1);
    if (last?.[0] === base && last[1].length < mostTogether) last[1].push(path);
    else groups.push([base, [path]]);
  }
  return groups;
}

/** As with `gulp.src`, the base of a file is what stands before the magic of the glob that found it. */
function baseFinder(pattern: string): (path: string) => string | undefined {
  const local = pattern.replace(/^(?:\.\/)+/, '').replace(/\/$/, '');
  const magicAt = local.search(/[*?{}()![\]]/);
  if (magicAt === -1) return (path) => (path.startsWith(`${local}/`) ? local : undefined);
  const fits = picomatch(local, { dot: true });
  const base = local.slice(0, magicAt).replace(/\/?[^/]*$/, '') || '.';
  return (path) => (fits(path) ? base : undefined);
}

/** One stream after the other, each begun when the one before has ended. */
function inTurn(streams: readonly (() => Source)[]): Source {
  async function* all(): AsyncGenerator<unknown> {
    for (const open of streams) yield* open();
  }
  return Readable.from(all());
}
