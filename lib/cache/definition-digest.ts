import { readFileSync } from 'node:fs';
import { relative, sep } from 'node:path';
import { canonicalJson } from '../base/canonical-json.ts';
import { sha256 } from '../base/sha256.ts';
import type { CodeScope, Definition } from '../model/definition.ts';
import { type FileListing, listingOf } from './file-listing.ts';
import { isSameTuple } from './file-state.ts';
import { localImports } from './local-imports.ts';
import { platformFacts } from './platform.ts';
import { schema } from './record.ts';
import { type FileStats, statsOf } from './stats-of.ts';

/** The digest of a definition, and of its parts: these only tell what has changed. */
export interface DefinitionFacts {
  readonly digest: string;
  readonly action: string;
  readonly declaration: string;
  readonly platform: string;
  /** The defining file and the local modules that it imports; none if they do not count. */
  readonly modules: FileListing;
}

interface Module {
  readonly stats: FileStats;
  readonly digest: string;
  readonly imports: readonly string[];
}

interface Tree {
  /** Absolute. */
  readonly files: readonly string[];
  readonly listing: FileListing;
  /** Whether its files were as they had been loaded when that was last looked at. */
  look: { readonly at: number; readonly isAsLoaded: boolean } | undefined;
}

/** In less time no worker loads a file, runs a task with it and says so. */
const lookedMs = 10;

/** What `DefinitionDigests` needs. */
export interface DefinitionOptions {
  /** Absolute. */
  readonly workDir: string;
  /** What of the code counts where a definition does not say it. Default: `module`. */
  readonly code?: CodeScope | undefined;
  /** Tells when this process began to load its code, in milliseconds since 1970. Default: after all changes. */
  readonly loadedAt?: (() => number) | undefined;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

/**
 * Digests of definitions: the source of the action, what was declared, the defining file with the
 * local modules it imports, Node's major version and the platform. Each file is read once: the code
 * that runs in this process is what it was when it was loaded.
 */
export class DefinitionDigests {
  readonly #modules = new Map<string, Module>();
  readonly #workDir: string;
  readonly #scope: CodeScope;
  readonly #loadedAt: () => number;
  readonly #clock: () => number;
  readonly #trees = new Map<string, Tree>();
  readonly #facts = new Map<Definition, DefinitionFacts>();

  constructor({ workDir, code = 'module', loadedAt, clock }: DefinitionOptions) {
    this.#workDir = workDir;
    this.#scope = code;
    this.#loadedAt = loadedAt ?? (() => Number.POSITIVE_INFINITY);
    this.#clock = clock;
  }

  factsOf(definition: Definition): DefinitionFacts {
    const known = this.#facts.get(definition);
    if (known !== undefined) return known;
    const isWhole = this.#isWhole(definition);
    const modules = isWhole ? this.#treeOf(definition.place.file).listing : noFiles;
    const action = sha256(
      canonicalJson(definition.action && [definition.action.kind, String(definition.action.run)]) ??
        '',
    );
    const declaration = sha256(
      canonicalJson({
        name: definition.name,
        inProcess: definition.inProcess,
        isWhole,
        deps: definition.deps.map((dep) => sourceOf(dep.kind === 'computed' ? dep.depsOf : dep)),
        inputs: definition.inputs.map(sourceOf),
        ignore: definition.ignore.map(sourceOf),
        outputs: definition.outputs.map(sourceOf),
        service: definition.service,
      }),
    );
    const platform = platformFacts.join(' ');
    const digest = sha256(canonicalJson([schema, platform, action, declaration, modules.digest]));
    const facts = { digest, action, declaration, platform, modules };
    this.#facts.set(definition, facts);
    return facts;
  }

  /**
   * Whether the modules of a definition are what was read of them, and were so when this process
   * loaded them. If not, what ran may have been something else than what the digest tells.
   */
  isAsLoaded(definition: Definition): boolean {
    if (!this.#isWhole(definition)) return true;
    const tree = this.#treeOf(definition.place.file);
    const now = this.#clock();
    if (tree.look === undefined || now - tree.look.at > lookedMs) {
      tree.look = { at: now, isAsLoaded: tree.files.every((file) => this.#isModuleAsLoaded(file)) };
    }
    return tree.look.isAsLoaded;
  }

  #isModuleAsLoaded(file: string): boolean {
    const known = this.#modules.get(file)?.stats;
    const now = statsOf(file);
    if (known === undefined || now === undefined) return known === now;
    return isSameTuple(known, now) && now.ctimeMs <= this.#loadedAt();
  }

  #isWhole({ code }: Definition): boolean {
    return (code ?? this.#scope) === 'module';
  }

  /** A file and all local modules that it imports, however indirectly. */
  #treeOf(file: string): Tree {
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
    // Relative, so that a project that is moved as a whole stays up to date.
    const local = (path: string): string => relative(this.#workDir, path).split(sep).join('/');
    const listing = listingOf([...found].map(([path, digest]) => [local(path), digest]));
    const tree: Tree = { files: [...found.keys()], listing, look: undefined };
    this.#trees.set(file, tree);
    return tree;
  }

  #moduleOf(file: string): Module | undefined {
    const known = this.#modules.get(file);
    if (known !== undefined) return known;
    const stats = statsOf(file);
    if (stats?.kind !== 'file') return undefined;
    const bytes = readFileSync(file);
    const isScript = /\.[cm]?[jt]sx?$/.test(file);
    const imports = isScript ? localImports(file, bytes.toString()) : [];
    const module = { stats, digest: sha256(bytes), imports };
    this.#modules.set(file, module);
    return module;
  }
}

const noFiles: FileListing = listingOf([]);

function sourceOf(part: unknown): unknown {
  return typeof part === 'function' ? String(part) : part;
}
