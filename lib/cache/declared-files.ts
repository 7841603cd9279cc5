import { isAbsolute, posix, relative, sep } from 'node:path';
import { lateRequire } from '../base/late-require.ts';
import type { InputPath, PathSpec, RegexFiles } from '../model/definition.ts';
import type { TaskNode } from '../model/node.ts';
import { type GlobResults, search } from './glob-results.ts';
import { plainInputs, plainOutputs } from './plain-paths.ts';
import { statsIn } from './stats-of.ts';

/**
 * The files that the declared inputs of `node` stand for now, sorted, without its own outputs.
 *
 * A path stays in the list if nothing is there. A folder is every file below it, hidden ones too,
 * except in `.git` and `.parproc`; a glob finds hidden files only if it says so. Links are followed,
 * as `gulp.src` does.
 *
 * @param ignored Paths and globs that are left out of the inputs of all tasks.
 * @throws Error what functions of the definition throw, a pattern that has too many alternatives, or
 *   a root of `regexFiles()` that is no folder
 */
export function inputFiles(
  node: TaskNode,
  workDir: string,
  ignored: readonly string[] = [],
): string[] {
  const plain = ignored.length === 0 ? plainInputs(node, workDir) : undefined;
  if (plain !== undefined) return plain;
  const declared = pathsOf(node.inputs, node);
  const wanted = declared.filter(isText).filter((path) => !isNegation(path));
  const { pruned, isLeftOut } = leftOutOf(node, declared, workDir, ignored);
  const found = filesOf(wanted, workDir, pruned);
  const files = withRegexFiles(found, declared.filter(isRegexFiles), workDir);
  return files.filter((path) => !isLeftOut(path));
}

/** Those of `files` that `node` does not leave out of its inputs. */
export function withoutLeftOut(
  files: readonly string[],
  node: TaskNode,
  workDir: string,
  ignored: readonly string[] = [],
): string[] {
  if (files.length === 0) return [];
  const { isLeftOut } = leftOutOf(node, pathsOf(node.inputs, node), workDir, ignored);
  return files.filter((path) => !isLeftOut(path));
}

/** What is no input of `node`: what it negates, ignores or makes, and what is ignored everywhere. */
function leftOutOf(
  node: TaskNode,
  declared: readonly InputPath[],
  workDir: string,
  ignored: readonly string[],
): { readonly pruned: readonly string[]; isLeftOut(path: string): boolean } {
  const negated = declared
    .filter(isText)
    .filter(isNegation)
    .map((path) => path.slice(1));
  const ignore = pathsOf(node.ignore, node);
  const paths = [...negated, ...ignore.filter(isText), ...ignored, ...node.outputs];
  const exclusion = exclusionOf(paths, workDir);
  const fits = fitsSome(ignore.filter(isRegexFiles), workDir);
  return { pruned: exclusion.pruned, isLeftOut: (path) => exclusion.matches(path) || fits(path) };
}

/**
 * The files that literal paths stand for now, sorted: a folder is every file below it. Own outputs
 * of `node` are left out.
 */
export function literalFiles(paths: readonly string[], node: TaskNode, workDir: string): string[] {
  if (paths.length === 0) return [];
  const exclusion = exclusionOf(node.outputs, workDir);
  const files = filesOf(paths.map(escapeGlob), workDir, []);
  return files.filter((path) => !exclusion.matches(path));
}

/** The files that `paths` and globs stand for now, sorted; a path stays if nothing is there. */
export function plainFiles(paths: readonly string[], workDir: string): readonly string[] {
  return filesOf(paths, workDir, []);
}

function withRegexFiles(
  found: readonly string[],
  specs: readonly RegexFiles[],
  workDir: string,
): readonly string[] {
  if (specs.length === 0) return found;
  const files = new Set(found);
  for (const spec of specs) {
    const root = localPath(spec.root, workDir);
    if (kindOf(workDir, root) !== 'folder') {
      const shown = `/${spec.source}/${spec.flags}`;
      throw new Error(`The root of regexFiles('${spec.root}', ${shown}) is no directory.`);
    }
    const fits = fitsSome([spec], workDir);
    for (const file of filesOf([escapeGlob(root)], workDir, [])) if (fits(file)) files.add(file);
  }
  return [...files].sort(byText);
}

/** Whether a file lies below the root of one of `specs` and fits its expression. */
function fitsSome(specs: readonly RegexFiles[], workDir: string): (file: string) => boolean {
  const tests = specs.map(({ root, source, flags }) => {
    const expression = new RegExp(source, flags);
    const local = localPath(root, workDir);
    const before = local === '.' ? '' : `${local}/`;
    return (file: string): boolean =>
      file.startsWith(before) && expression.test(file.slice(before.length));
  });
  return (file) => tests.some((test) => test(file));
}

/**
 * The files that declared outputs stand for now, sorted; and the declarations with nothing there.
 * An empty folder is there.
 */
export function outputFiles(
  outputs: readonly string[],
  workDir: string,
): { readonly files: string[]; readonly missing: string[] } {
  const plain = plainOutputs(outputs, workDir);
  if (plain !== undefined) return { files: plain, missing: [] };
  const missing: string[] = [];
  const found = new Set<string>();
  for (const output of outputs) {
    const files = filesOf([output], workDir, []).filter((path) => kindOf(workDir, path) === 'file');
    for (const file of files) found.add(file);
    if (files.length === 0 && !isFolder(output, workDir)) missing.push(output);
  }
  return { files: [...found].sort(byText), missing };
}

/** Those of the declared outputs that are folders now, relative to the working directory. */
export function outputFolders(outputs: readonly string[], workDir: string): string[] {
  return outputs.flatMap((output) => {
    const literal = literalOf(localPath(output, workDir), workDir);
    return literal !== undefined && kindOf(workDir, literal) === 'folder' ? [literal] : [];
  });
}

function filesOf(
  paths: readonly string[],
  workDir: string,
  pruned: readonly string[],
): readonly string[] {
  const files = new Set<string>();
  const folders: string[] = [];
  const globs: string[] = [];
  for (const path of paths) {
    const local = localPath(path, workDir);
    const literal = literalOf(local, workDir);
    if (literal === undefined) globs.push(local);
    else if (kindOf(workDir, literal) === 'folder') folders.push(escapeGlob(literal));
    else files.add(literal);
  }
  const below = folders.map((folder) => `${folder}/**`);
  const notOurs = folders.flatMap((folder) => [`${folder}/**/.git`, `${folder}/**/.parproc`]);
  const found = [
    ...expand(globs, { cwd: workDir, dot: false, ignore: [...pruned] }),
    ...expand(below, { cwd: workDir, dot: true, ignore: [...pruned, ...notOurs] }),
  ];
  for (const file of found) files.add(file);
  return [...files].sort(byText);
}

const picomatch = lateRequire<typeof import('picomatch')>('picomatch');

const memories = new Map<string, GlobResults>();

/** From now on what globs find below `workDir` is taken from `results` where that still holds. */
export function rememberGlobs(workDir: string, results: GlobResults): void {
  memories.set(workDir, results);
}

function expand(
  globs: readonly string[],
  options: { readonly cwd: string; readonly dot: boolean; readonly ignore: readonly string[] },
): readonly string[] {
  if (globs.length === 0) return [];
  for (const glob of globs) refuseBraceBomb(glob);
  const query = { globs, ...options };
  return memories.get(options.cwd)?.find(query) ?? search(query).files;
}

interface Exclusion {
  matches(file: string): boolean;
  /** Patterns of folders that need not be searched, since everything below is left out. */
  readonly pruned: readonly string[];
}

function exclusionOf(paths: readonly string[], workDir: string): Exclusion {
  const literals = new Set<string>();
  const globs: string[] = [];
  for (const path of paths) {
    const local = localPath(path, workDir);
    const literal = literalOf(local, workDir);
    if (literal === undefined) globs.push(local);
    else literals.add(literal);
  }
  for (const glob of globs) refuseBraceBomb(glob);
  const matchesGlob = globs.length === 0 ? () => false : picomatch()(globs, { dot: true });
  return {
    matches: (file) => isAtOrBelow(file, literals) || matchesGlob(file),
    // One that leads upwards would make tinyglobby search from there.
    pruned: [
      ...[...literals].map(escapeGlob),
      ...globs.filter((glob) => glob.endsWith('/**')),
    ].filter((pattern) => !pattern.startsWith('..')),
  };
}

function isAtOrBelow(file: string, paths: ReadonlySet<string>): boolean {
  if (paths.size === 0) return false;
  if (paths.size <= few) {
    for (const path of paths) {
      if (path === '.' ? !file.startsWith('../') : isAt(file, path)) return true;
    }
    return false;
  }
  for (let path = file; path !== '.' && path !== '/'; path = posix.dirname(path)) {
    if (paths.has(path)) return true;
  }
  return paths.has('.') && !file.startsWith('../');
}

/** So few that comparing each is quicker than going up the path. */
const few = 8;

function isAt(file: string, path: string): boolean {
  return file.startsWith(path) && (file.length === path.length || file[path.length] === '/');
}

function pathsOf(specs: readonly PathSpec[], node: TaskNode): InputPath[] {
  return specs.flatMap((spec) =>
    typeof spec === 'function' ? spec(node.args, node.context) : [spec],
  );
}

function isText(path: InputPath): path is string {
  return typeof path === 'string';
}

function isRegexFiles(path: InputPath): path is RegexFiles {
  return typeof path !== 'string';
}

/** `!(a|b)` is a glob. */
function isNegation(path: string): boolean {
  return /^!(?!\()/.test(path);
}

/** Relative to the working directory, with `/`, without `./` and a trailing `/`. */
function localPath(path: string, workDir: string): string {
  const local = isAbsolute(path) ? relative(workDir, path).split(sep).join('/') : path;
  return posix.normalize(local).replace(/(?<=.)\/$/, '');
}

/** The path itself if it is no glob: it has no glob characters, or something has just that name. */
function literalOf(path: string, workDir: string): string | undefined {
  if (!/(?<!\\)[*?{}()![\]]/.test(path)) return path.replace(/\\(?=[*?{}()![\]\\])/g, '');
  return kindOf(workDir, path) === undefined ? undefined : path;
}

function isFolder(path: string, workDir: string): boolean {
  const literal = literalOf(localPath(path, workDir), workDir);
  return literal !== undefined && kindOf(workDir, literal) === 'folder';
}

function kindOf(workDir: string, path: string): 'file' | 'folder' | undefined {
  const stats = statsIn(workDir, path);
  if (stats === undefined) return undefined;
  return stats.kind === 'folder' ? 'folder' : 'file';
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

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
