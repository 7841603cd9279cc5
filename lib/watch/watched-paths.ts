import { statSync } from 'node:fs';
import { isAbsolute, join, posix, relative, sep } from 'node:path';
import { PathIndex, type PathPattern, pathPatternOf } from '../graph/path-index.ts';
import type { InputPath, PathSpec } from '../model/definition.ts';
import type { TaskNode } from '../model/node.ts';
import { WatchedFolders } from './watched-folders.ts';

/** Where the paths of tasks come from. */
export interface PathFacts {
  /** Absolute; paths are relative to it. */
  readonly workDir: string;
  /** Paths that a task has found out it reads. */
  discoveredBy(name: string): readonly string[];
}

/** All paths and globs that tasks read: which tasks a path concerns, and which folders matter. */
export class WatchedPaths {
  readonly folders: WatchedFolders = new WatchedFolders();
  readonly #facts: PathFacts;
  readonly #index = new PathIndex<string>();
  /** Who makes what; that alone lets no folder be watched. */
  readonly #made = new PathIndex<string>();
  readonly #makers = new Set<string>();
  /** Texts of what is known of a task, by its name. */
  readonly #known = new Map<string, Set<string>>();
  /** The same of what concerns others than tasks. */
  readonly #others = new Map<string, Set<string>>();
  #isNew = false;

  constructor(facts: PathFacts) {
    this.#facts = facts;
  }

  /** How many tasks have inputs. */
  get taskCount(): number {
    return this.#known.size;
  }

  /** The folders in which inputs lie, none within another. */
  foldersShown(): string[] {
    const { workDir } = this.#facts;
    return this.folders.bases(
      (owner) => this.#known.has(owner),
      (path) => statSync(join(workDir, path), { throwIfNoEntry: false })?.isDirectory() === true,
    );
  }

  /** Takes in what a task reads now. What it has read before stays. */
  add(node: TaskNode): void {
    const known = this.#known.get(node.name);
    const discovered = this.#facts.discoveredBy(node.name);
    const isFixed = node.inputs.every((spec) => typeof spec !== 'function');
    if (known !== undefined && isFixed && discovered.length === 0) return;
    const paths = node.inputs.flatMap((spec) => this.#pathsOf(spec, node));
    this.#addOutputs(node);
    const leftOut = [...paths.filter(isNegation).map((path) => path.slice(1)), ...ignoredOf(node)];
    const pruned = leftOut.map((path) => pathPatternOf(this.#local(path))).filter(isPruning);
    for (const path of paths) {
      const pattern = pathPatternOf(this.#local(path));
      if (!isNegation(path)) this.#addPath(this.#known, node.name, pattern, pruned);
      // A file may have just the name that looks like a glob.
      if (!/[[\](){}]/.test(path)) continue;
      this.#addPath(this.#known, node.name, plain(this.#local(path)), pruned);
    }
    for (const path of discovered) {
      this.#addPath(this.#known, node.name, plain(this.#local(path)), []);
    }
  }

  /** Takes in a path that concerns `owner`, which is no task. */
  addPlain(owner: string, path: string): void {
    this.#addPath(this.#others, owner, plain(this.#local(path)), []);
  }

  /** Whether something has been added since the last call. */
  takeNews(): boolean {
    const isNew = this.#isNew;
    this.#isNew = false;
    return isNew;
  }

  /** Whom a path concerns that somebody reads: a file, or a folder of which all may be gone or new. */
  owners(path: string, isFolder: boolean): Set<string> {
    const found = new Set<string>();
    for (const { owner } of this.#index.meeting(plain(path))) found.add(owner);
    // What somebody reads another may have made: it may have to do so again.
    if (found.size > 0) for (const { owner } of this.#made.meeting(plain(path))) found.add(owner);
    if (isFolder) for (const owner of this.folders.ownersReaching(path)) found.add(owner);
    return found;
  }

  #addOutputs(node: TaskNode): void {
    if (this.#makers.has(node.name)) return;
    this.#makers.add(node.name);
    for (const path of node.outputs) this.#made.add(pathPatternOf(this.#local(path)), node.name);
  }

  #addPath(
    table: Map<string, Set<string>>,
    owner: string,
    pattern: PathPattern,
    pruned: readonly PathPattern[],
  ): void {
    const known = table.get(owner) ?? new Set<string>();
    table.set(owner, known);
    const key = pattern.fits === undefined ? `=${pattern.text}` : pattern.text;
    if (known.has(key)) return;
    known.add(key);
    this.#isNew = true;
    this.#index.add(pattern, owner);
    this.folders.add(pattern, owner, pruned);
  }

  #pathsOf(spec: PathSpec, node: TaskNode): string[] {
    try {
      const paths = typeof spec === 'function' ? spec(node.args, node.context) : [spec];
      return paths.map(textOf);
    } catch {
      // The task fails with it when it is checked, which is where it is shown.
      return [];
    }
  }

  /** Relative to the working directory, with `/`. */
  #local(path: string): string {
    const { workDir } = this.#facts;
    const local = isAbsolute(path) ? relative(workDir, path).split(sep).join('/') : path;
    return posix.normalize(local).replace(/(?<=.)\/$/, '');
  }
}

function textOf(path: InputPath): string {
  return typeof path === 'string' ? path : escapeGlob(path.root);
}

function ignoredOf(node: TaskNode): string[] {
  return node.ignore.filter((spec) => typeof spec === 'string');
}

/** `!(a|b)` is a glob. */
function isNegation(path: string): boolean {
  return /^!(?!\()/.test(path);
}

/** Whether all that is below a folder is left out, if it fits. */
function isPruning({ text, fits }: PathPattern): boolean {
  return fits === undefined || text.endsWith('/**');
}

function plain(path: string): PathPattern {
  return { text: path, base: path === '.' ? [] : path.split('/'), fits: undefined };
}

function escapeGlob(path: string): string {
  return path.replace(/[*?{}()![\]\\]/g, '\\$&');
}
