import type { PathPattern } from '../graph/path-index.ts';

/** What is declared with a folder as its base. */
interface Reach {
  /** How many levels of folders below the base it can lead to. */
  readonly depth: number;
  readonly isPruned: (folder: string) => boolean;
  readonly owners: Set<string>;
}

interface Folder {
  readonly below: Map<string, Folder>;
  /** By the text of the pattern and of what it leaves out. */
  readonly reaches: Map<string, Reach>;
}

/** Which folders have to be watched, so that no change of a declared path is missed. */
export class WatchedFolders {
  readonly #root: Folder = newFolder();

  /** @param pruned What `owner` leaves out. */
  add(pattern: PathPattern, owner: string, pruned: readonly PathPattern[]): void {
    let folder = this.#root;
    for (const segment of pattern.base) {
      const next = folder.below.get(segment) ?? newFolder();
      folder.below.set(segment, next);
      folder = next;
    }
    const depth = depthOf(pattern);
    const key = [depth, ...pruned.map(({ text }) => text)].join('\n');
    const known = folder.reaches.get(key);
    if (known !== undefined) known.owners.add(owner);
    else {
      const isPruned = (path: string): boolean => pruned.some((each) => isAllOf(each, path));
      folder.reaches.set(key, { depth, isPruned, owners: new Set([owner]) });
    }
  }

  /**
   * Whether something that is declared can lie in a folder or below it.
   *
   * @param path Relative to the working directory; empty for that itself.
   */
  isNeeded(path: string): boolean {
    const { end, reaching } = this.#walk(path);
    if (end !== undefined) return true;
    if (/(?:^|\/)\.(?:git|parproc)$/.test(path)) return false;
    return !reaching.next().done;
  }

  /** Who may have something in a folder or below it, by what is declared above it. */
  *ownersReaching(path: string): Iterable<string> {
    const { reaching } = this.#walk(path);
    for (const reach of reaching) yield* reach.owners;
  }

  /**
   * The folders that are bases or hold a file that is one, none within another.
   *
   * @param isMeant Whose paths count.
   */
  bases(isMeant: (owner: string) => boolean, isFolder: (path: string) => boolean): string[] {
    const found: string[] = [];
    const isBase = ({ reaches }: Folder): boolean =>
      [...reaches.values()].some(({ owners }) => [...owners].some(isMeant));
    const pending: { path: string; folder: Folder }[] = [{ path: '', folder: this.#root }];
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      const { path, folder } = next;
      const inside = [...folder.below].map(([name, each]) => ({
        path: join(path, name),
        folder: each,
      }));
      const isMet =
        isBase(folder) || inside.some((each) => isBase(each.folder) && !isFolder(each.path));
      if (isMet) found.push(path === '' ? '.' : path);
      else pending.push(...inside);
    }
    return found.toSorted((a, b) => (a < b ? -1 : 1));
  }

  /** Paths that are bases outside of the working directory, none within another. */
  basesOutside(): string[] {
    const found: string[] = [];
    const up = this.#root.below.get('..');
    const pending = up === undefined ? [] : [{ path: '..', folder: up }];
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      const { path, folder } = next;
      if (folder.reaches.size > 0) found.push(path);
      else
        for (const [name, each] of folder.below)
          pending.push({ path: join(path, name), folder: each });
    }
    return found;
  }

  /** What is declared on the way to a folder and leads there, and the end of the way if it is one. */
  #walk(path: string): { end: Folder | undefined; reaching: Generator<Reach, void> } {
    const segments = path === '' || path === '.' ? [] : path.split('/');
    const way: Folder[] = [this.#root];
    for (const segment of segments) {
      const next = way.at(-1)?.below.get(segment);
      if (next === undefined) break;
      way.push(next);
    }
    const end = way.length > segments.length ? way.at(-1) : undefined;
    // What leads upwards is not below what comes before it.
    const upwards = segments.filter((segment) => segment === '..').length;
    return { end, reaching: reachesOn(way.slice(upwards), segments.length - upwards, path) };
  }
}

function* reachesOn(way: readonly Folder[], level: number, path: string): Generator<Reach, void> {
  for (const [at, { reaches }] of way.entries()) {
    for (const reach of reaches.values()) {
      if (reach.depth >= level - at && !reach.isPruned(path)) yield reach;
    }
  }
}

/** A path can be a folder; a glob leads as deep as it has segments, unless one stands for many. */
function depthOf({ text, base, fits }: PathPattern): number {
  if (fits === undefined || /\*\*|[{(]/.test(text)) return Number.POSITIVE_INFINITY;
  return text.split('/').length - base.length - 1;
}

/** Whether all of a folder is left out. */
function isAllOf(pattern: PathPattern, folder: string): boolean {
  if (pattern.fits !== undefined) return pattern.fits(`${folder}/x`) && pattern.fits(folder);
  const { text } = pattern;
  return folder === text || folder.startsWith(`${text}/`);
}

function join(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`;
}

function newFolder(): Folder {
  return { below: new Map(), reaches: new Map() };
}
