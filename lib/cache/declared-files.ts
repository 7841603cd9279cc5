import { statSync } from 'node:fs';
import { isAbsolute, join, posix, relative, sep } from 'node:path';
import picomatch from 'picomatch';
import { globSync } from 'tinyglobby';
import type { PathSpec } from '../model/definition.ts';
import type { TaskNode } from '../model/node.ts';

/** The files that the declared inputs of `node` stand for now, sorted, without its own outputs. */
export function inputFiles(node: TaskNode, workDir: string): string[] {
  const declared = pathsOf(node.inputs, node);
  const wanted = declared.filter((path) => !path.startsWith('!'));
  const negated = declared.filter((path) => path.startsWith('!')).map((path) => path.slice(1));
  const leftOut = [...negated, ...pathsOf(node.ignore, node), ...node.outputs];
  const isLeftOut = matcherOf(leftOut.map((path) => localPath(path, workDir)));
  return filesOf(wanted, workDir).filter((path) => !isLeftOut(path));
}

/** The files that declared outputs stand for now, sorted; and the declarations without a file. */
export function outputFiles(
  outputs: readonly string[],
  workDir: string,
): { readonly files: string[]; readonly missing: string[] } {
  const missing: string[] = [];
  const files = outputs.flatMap((output) => {
    const found = filesOf([output], workDir).filter((path) => kindOf(workDir, path) === 'file');
    if (found.length === 0) missing.push(output);
    return found;
  });
  return { files: [...new Set(files)].sort(), missing };
}

/** A literal path stays even if nothing is there, so that its appearance is noticed. */
function filesOf(paths: readonly string[], workDir: string): string[] {
  const files = new Set<string>();
  const globs: string[] = [];
  for (const path of paths) {
    const local = localPath(path, workDir);
    const literal = isLiteral(local) || kindOf(workDir, local) !== undefined;
    const unescaped = literal ? local.replace(/\\(?=[*?{}()![\]\\])/g, '') : local;
    if (!literal) globs.push(local);
    else if (kindOf(workDir, unescaped) === 'folder') globs.push(`${escapeGlob(unescaped)}/**`);
    else files.add(unescaped);
  }
  for (const file of expand(globs, workDir)) files.add(file);
  return [...files].sort();
}

function expand(globs: readonly string[], workDir: string): string[] {
  if (globs.length === 0) return [];
  for (const glob of globs) refuseBraceBomb(glob);
  return globSync([...globs], {
    cwd: workDir,
    dot: false,
    followSymbolicLinks: false,
    expandDirectories: false,
    onlyFiles: true,
  });
}

function matcherOf(paths: readonly string[]): (file: string) => boolean {
  const plain = paths.filter((path) => isLiteral(path));
  const literal = new Set(plain);
  const globs = paths.filter((path) => !isLiteral(path));
  for (const glob of globs) refuseBraceBomb(glob);
  const matchesGlob = globs.length === 0 ? () => false : picomatch([...globs], { dot: true });
  return (file) => isAtOrBelow(file, literal) || matchesGlob(file);
}

function isAtOrBelow(file: string, paths: ReadonlySet<string>): boolean {
  if (paths.size === 0) return false;
  for (let path = file; path !== '.' && path !== '/'; path = posix.dirname(path)) {
    if (paths.has(path)) return true;
  }
  return false;
}

function pathsOf(specs: readonly PathSpec[], node: TaskNode): string[] {
  return specs.flatMap((spec) =>
    typeof spec === 'string' ? [spec] : spec(node.args, { name: node.name }),
  );
}

/** Relative to the working directory, with `/`, without `./` and a trailing `/`. */
function localPath(path: string, workDir: string): string {
  const bang = path.startsWith('!') ? '!' : '';
  const bare = bang === '' ? path : path.slice(1);
  const local = isAbsolute(bare) ? relative(workDir, bare).split(sep).join('/') : bare;
  return bang + posix.normalize(local).replace(/(?<=.)\/$/, '');
}

function isLiteral(path: string): boolean {
  return !/(?<!\\)[*?{}()![\]]/.test(path);
}

function kindOf(workDir: string, path: string): 'file' | 'folder' | undefined {
  const stats = statSync(join(workDir, path), { throwIfNoEntry: false });
  if (stats === undefined) return undefined;
  return stats.isDirectory() ? 'folder' : 'file';
}

function escapeGlob(path: string): string {
  return path.replace(/[*?{}()![\]\\]/g, '\\$&');
}

const mostAlternatives = 10_000;

function refuseBraceBomb(glob: string): void {
  let alternatives = 1;
  for (const [group] of glob.matchAll(/\{[^{}]*\}/g)) alternatives *= group.split(',').length;
  if (alternatives <= mostAlternatives) return;
  throw new Error(`The pattern '${glob}' stands for more than ${mostAlternatives} alternatives.`);
}
