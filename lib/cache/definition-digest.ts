import { readFileSync } from 'node:fs';
import { relative, sep } from 'node:path';
import { canonicalJson } from '../base/canonical-json.ts';
import { sha256 } from '../base/sha256.ts';
import type { CodeScope, Definition } from '../model/definition.ts';
import { type FileListing, listingOf } from './file-listing.ts';
import { localImports } from './local-imports.ts';
import { platformFacts } from './platform.ts';
import { schema } from './record.ts';
import { statsOf } from './stats-of.ts';

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
  readonly digest: string;
  readonly imports: readonly string[];
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
  readonly #trees = new Map<string, FileListing>();
  readonly #facts = new Map<Definition, DefinitionFacts>();

  /** @param scope What of the code counts where a definition does not say it. */
  constructor(workDir: string, scope: CodeScope = 'module') {
    this.#workDir = workDir;
    this.#scope = scope;
  }

  factsOf(definition: Definition): DefinitionFacts {
    const known = this.#facts.get(definition);
    if (known !== undefined) return known;
    const isWhole = (definition.code ?? this.#scope) === 'module';
    const modules = isWhole ? this.#treeOf(definition.place.file) : noFiles;
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
      }),
    );
    const platform = platformFacts.join(' ');
    const digest = sha256(canonicalJson([schema, platform, action, declaration, modules.digest]));
    const facts = { digest, action, declaration, platform, modules };
    this.#facts.set(definition, facts);
    return facts;
  }

  /** A file and all local modules that it imports, however indirectly. */
  #treeOf(file: string): FileListing {
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
    const tree = listingOf([...found].map(([path, digest]) => [local(path), digest]));
    this.#trees.set(file, tree);
    return tree;
  }

  #moduleOf(file: string): Module | undefined {
    const known = this.#modules.get(file);
    if (known !== undefined) return known;
    if (statsOf(file)?.kind !== 'file') return undefined;
    const bytes = readFileSync(file);
    const isScript = /\.[cm]?[jt]sx?$/.test(file);
    const imports = isScript ? localImports(file, bytes.toString()) : [];
    const module = { digest: sha256(bytes), imports };
    this.#modules.set(file, module);
    return module;
  }
}

const noFiles: FileListing = listingOf([]);

function sourceOf(part: unknown): unknown {
  return typeof part === 'function' ? String(part) : part;
}
