import { readFileSync, type Stats, statSync } from 'node:fs';
import { extname, join, relative, resolve, sep } from 'node:path';
import { type Resolve, resolveStyle, resolveTemplate } from './resolve-near.ts';
import { scriptResolver } from './resolve-script.ts';
import { scriptImports } from './script-imports.ts';
import { styleImports } from './style-imports.ts';
import { pugImports, templateImports } from './template-imports.ts';

/** What a file names, as it is written there. */
export type ImportFinder = (text: string, path: string) => readonly string[];

/** What an import tracker is made with. */
export interface TrackerOptions {
  readonly workDir: string;
  /** Folders, relative to the working directory or absolute. */
  readonly roots: readonly string[];
  /** By extension, such as `.liquid`; instead of ours or beside them. */
  readonly finders: Readonly<Record<string, ImportFinder>>;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** What lasts longer than this process. Default: nothing. */
  readonly memory?: ImportMemory;
}

/** Where what files import is kept from one process to the next. */
export interface ImportMemory {
  /** What was written last, if it is whole. */
  read(): string | undefined;
  write(text: string): void;
}

type Tuple = Pick<Stats, 'ino' | 'size' | 'mtimeMs' | 'ctimeMs'>;

/** What was found in a file, and the file as it was then. */
interface Known extends Tuple {
  readonly readAt: number;
  readonly usedAt: number;
  readonly specifiers: readonly string[];
}

/** Grows by one whenever something else is found in the same file. */
const schema = 2;
const dayMs = 86_400_000;
const keptUnusedMs = 30 * dayMs;
const usedWithinMs = 7 * dayMs;

/** A file that changed this shortly before it was read may have changed again unnoticed. */
const racyMs = 2000;

/** Finds the files that others import, first-party ones only. Files are read again if they change. */
export class ImportTracker {
  readonly #workDir: string;
  readonly #roots: readonly string[];
  readonly #finders: Readonly<Record<string, ImportFinder>>;
  readonly #clock: () => number;
  readonly #memory: ImportMemory | undefined;
  #known: Map<string, Known> | undefined;
  #isChanged = false;
  #scripts: ReturnType<typeof scriptResolver> | undefined;

  constructor({ workDir, roots, finders, clock, memory }: TrackerOptions) {
    this.#memory = memory;
    this.#workDir = workDir;
    this.#roots = roots.map((root) => resolve(workDir, root));
    this.#finders = finders;
    this.#clock = clock;
  }

  /**
   * The files that `files` import, and those that these import, without `files` themselves: sorted,
   * relative to the working directory, with `/`. What cannot be parsed or is not there imports
   * nothing.
   *
   * @param files Relative to the working directory.
   */
  importsOf(files: readonly string[]): string[] {
    this.#scripts?.lookAnew();
    const seen = new Set(files.map((file) => join(this.#workDir, file)));
    const pending = [...seen];
    const found: string[] = [];
    for (let file = pending.pop(); file !== undefined; file = pending.pop()) {
      for (const target of this.#targetsOf(file)) {
        if (seen.has(target)) continue;
        seen.add(target);
        pending.push(target);
        found.push(relative(this.#workDir, target).split(sep).join('/'));
      }
    }
    return found.sort((a, b) => (a < b ? -1 : 1));
  }

  /** Has the memory keep what is known, if it has changed. */
  save(): void {
    if (this.#memory === undefined || !this.#isChanged) return;
    this.#isChanged = false;
    const oldest = this.#clock() - keptUnusedMs;
    // What a function of the user has found depends on that function.
    const files = [...(this.#known ?? [])].filter(
      ([file, { usedAt }]) => usedAt >= oldest && this.#finders[extname(file)] === undefined,
    );
    this.#memory.write(JSON.stringify({ schema, files }));
  }

  #targetsOf(file: string): string[] {
    const targets = this.#specifiersIn(file).map((specifier) => this.#resolve(specifier, file));
    return targets.filter((target) => target !== undefined && this.#isOurs(target)) as string[];
  }

  #specifiersIn(file: string): readonly string[] {
    const find = this.#finderOf(file);
    if (find === undefined) return [];
    const stats = statSync(file, { throwIfNoEntry: false });
    if (stats?.isFile() !== true) return [];
    const all = this.#all();
    const known = all.get(file);
    const now = this.#clock();
    if (known !== undefined && isSame(known, stats)) {
      if (known.usedAt < now - usedWithinMs) this.#note(file, { ...known, usedAt: now });
      return known.specifiers;
    }
    const specifiers = find(readFileSync(file, 'utf8'), file);
    const { ino, size, mtimeMs, ctimeMs } = stats;
    this.#note(file, { ino, size, mtimeMs, ctimeMs, readAt: now, usedAt: now, specifiers });
    return specifiers;
  }

  #note(file: string, known: Known): void {
    this.#all().set(file, known);
    this.#isChanged = true;
  }

  #all(): Map<string, Known> {
    this.#known ??= remembered(this.#memory?.read(), this.#finders);
    return this.#known;
  }

  #finderOf(file: string): ImportFinder | undefined {
    const extension = extname(file);
    return this.#finders[extension] ?? tolerant(kindOf(extension)?.find);
  }

  #resolve(specifier: string, from: string): string | undefined {
    const kind = kindOf(extname(from));
    if (kind?.resolve !== 'script')
      return (kind?.resolve ?? resolveTemplate)(specifier, from, this.#roots);
    this.#scripts ??= scriptResolver(this.#roots);
    return this.#scripts.resolve(specifier, from, this.#roots);
  }

  #isOurs(file: string): boolean {
    if (file.split(sep).includes('node_modules')) return false;
    return this.#roots.some((root) => file.startsWith(root.endsWith(sep) ? root : root + sep));
  }
}

interface Kind {
  readonly find: ImportFinder;
  readonly resolve: Resolve | 'script';
}

const script: Kind = { find: scriptImports, resolve: 'script' };
const style: Kind = { find: styleImports, resolve: resolveStyle };
const page: Kind = { find: templateImports, resolve: resolveTemplate };
const pug: Kind = { find: pugImports, resolve: resolveTemplate };

function kindOf(extension: string): Kind | undefined {
  switch (extension) {
    case '.js':
    case '.mjs':
    case '.cjs':
    case '.jsx':
    case '.ts':
    case '.mts':
    case '.cts':
    case '.tsx':
      return script;
    case '.scss':
    case '.sass':
    case '.css':
    case '.less':
      return style;
    case '.html':
    case '.htm':
    case '.njk':
    case '.nunjucks':
    case '.shtml':
      return page;
    case '.pug':
    case '.jade':
      return pug;
    default:
      return undefined;
  }
}

/** What cannot be parsed is told by whatever compiles it. */
function tolerant(find: ImportFinder | undefined): ImportFinder | undefined {
  if (find === undefined) return undefined;
  return (text, path) => {
    try {
      return find(text, path);
    } catch {
      return [];
    }
  };
}

function isSame(old: Known, now: Tuple): boolean {
  if (Math.max(now.mtimeMs, now.ctimeMs) >= old.readAt - racyMs) return false;
  return (
    old.ino === now.ino &&
    old.size === now.size &&
    old.mtimeMs === now.mtimeMs &&
    old.ctimeMs === now.ctimeMs
  );
}

function remembered(
  text: string | undefined,
  finders: TrackerOptions['finders'],
): Map<string, Known> {
  if (text === undefined) return new Map();
  const kept = JSON.parse(text) as { schema: number; files: [string, Known][] };
  if (kept.schema !== schema) return new Map();
  return new Map(kept.files.filter(([file]) => finders[extname(file)] === undefined));
}
