import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { canonicalJson } from '../base/canonical-json.ts';
import { sha256 } from '../base/sha256.ts';
import type { Definition } from '../model/definition.ts';
import { localImports } from './local-imports.ts';
import { platformFacts } from './platform.ts';
import { schema } from './record.ts';
import { statsOf } from './stats-of.ts';

const lockFiles = [
  'package-lock.json',
  'npm-shrinkwrap.json',
  'yarn.lock',
  'pnpm-lock.yaml',
  'bun.lock',
];

interface Module {
  readonly digest: string;
  readonly imports: readonly string[];
}

/**
 * Digests of definitions: the source of the action, what was declared, the defining file with the
 * local modules it imports, the package lock file, Node's major version and the platform. Each
 * file is read once: the code that runs in this process is what it was when it was loaded.
 */
export class DefinitionDigests {
  readonly #modules = new Map<string, Module>();
  readonly #lockFile: string | undefined;
  readonly #trees = new Map<string, string>();
  readonly #digests = new Map<Definition, string>();

  /** @param workDir Where the search for the nearest lock file begins, upwards. */
  constructor(workDir: string) {
    this.#lockFile = nearestLockFile(workDir);
  }

  digestOf(definition: Definition): string {
    const known = this.#digests.get(definition);
    if (known !== undefined) return known;
    const digest = sha256(
      canonicalJson({
        schema,
        platform: platformFacts,
        name: definition.name,
        action: definition.action && [definition.action.kind, String(definition.action.run)],
        inProcess: definition.inProcess,
        deps: definition.deps.map((dep) => sourceOf(dep.kind === 'computed' ? dep.depsOf : dep)),
        inputs: definition.inputs.map(sourceOf),
        ignore: definition.ignore.map(sourceOf),
        outputs: definition.outputs.map(sourceOf),
        modules: this.#treeOf(definition.place.file),
        lockFile: this.#lockFile === undefined ? '' : this.#treeOf(this.#lockFile),
      }),
    );
    this.#digests.set(definition, digest);
    return digest;
  }

  /** The digest of a file and of all local modules that it imports, however indirectly. */
  #treeOf(file: string): string {
    const known = this.#trees.get(file);
    if (known !== undefined) return known;
    const found = new Map<string, string>();
    const pending = [file];
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      if (found.has(next)) continue;
      const module = this.#moduleOf(next);
      found.set(next, module?.digest ?? 'missing');
      pending.push(...(module?.imports ?? []));
    }
    const base = dirname(file);
    // Relative, so that a project that is moved as a whole stays up to date.
    const digests = [...found].map(([path, digest]) => `${relative(base, path)} ${digest}`);
    const digest = sha256(canonicalJson(digests.toSorted((a, b) => (a < b ? -1 : 1))));
    this.#trees.set(file, digest);
    return digest;
  }

  #moduleOf(file: string): Module | undefined {
    const known = this.#modules.get(file);
    if (known !== undefined) return known;
    if (statsOf(file)?.isFile() !== true) return undefined;
    const bytes = readFileSync(file);
    const isScript = /\.[cm]?[jt]sx?$/.test(file);
    const imports = isScript ? localImports(file, bytes.toString()) : [];
    const module = { digest: sha256(bytes), imports };
    this.#modules.set(file, module);
    return module;
  }
}

function sourceOf(part: unknown): unknown {
  return typeof part === 'function' ? String(part) : part;
}

function nearestLockFile(folder: string): string | undefined {
  for (let at = folder; ; at = dirname(at)) {
    const name = lockFiles.find((each) => existsSync(join(at, each)));
    if (name !== undefined) return join(at, name);
    if (at === dirname(at)) return undefined;
  }
}
