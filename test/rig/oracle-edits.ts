import {
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import type { Surroundings } from './oracle-tool.ts';

const sources = ['src/a.txt', 'src/b.txt', 'src/c.txt', 'src/main.txt', 'src/flaky.txt'] as const;
const parts = ['src/parts/x.txt', 'src/parts/y.txt', 'src/parts/deep/z.txt'] as const;
const includes = ['inc/p.txt', 'inc/q.txt'] as const;
const files = [...sources, ...parts, ...includes] as const;
const outputs = [
  ...['a', 'b', 'c', 'up-a', 'up-b', 'count', 'concat', 'param', 'env', 'found', 'list'],
  ...['result', 'indirect', 'many/x.txt', 'flaky'],
].map((name) => (name.includes('/') ? `out/${name}` : `out/${name}.txt`));

/** The files of a new project. */
export function startFiles(): Record<string, string> {
  return Object.fromEntries(files.map((path, index) => [path, String(index)]));
}

/** One change to a project or what surrounds it. */
export type Edit =
  | { readonly kind: 'write' | 'write-quietly'; readonly path: string; readonly text: string }
  | { readonly kind: 'touch' | 'remove' | 'revert'; readonly path: string }
  | { readonly kind: 'tamper' | 'remove-output'; readonly path: string }
  | { readonly kind: 'level' | 'env'; readonly value: string }
  | { readonly kind: 'version'; readonly value: number }
  | { readonly kind: 'nothing' };

const texts = ['0', '1', 'p', 'q', 'pq', 'x#1', 'x#2', 'yy', 'zz'];
const anyFile = fc.constantFrom(...files);
const anyText = fc.constantFrom(...texts);

/** Any change. */
export const anyEdit: fc.Arbitrary<Edit> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('write'), path: anyFile, text: anyText }) },
  fc.record({ kind: fc.constant('write-quietly'), path: anyFile, text: anyText }),
  fc.record({ kind: fc.constantFrom('touch', 'remove', 'revert'), path: anyFile }),
  fc.record({
    kind: fc.constantFrom('tamper', 'remove-output'),
    path: fc.constantFrom(...outputs),
  }),
  fc.record({ kind: fc.constantFrom('level', 'env'), value: fc.constantFrom('1', '2') }),
  fc.record({ kind: fc.constant('version'), value: fc.constantFrom(1, 2) }),
  fc.record({ kind: fc.constant('nothing') }),
) as fc.Arbitrary<Edit>;

/** Makes changes in a project, and remembers what files were before. */
export class Editor {
  readonly #folder: string;
  readonly #before = new Map<string, { readonly text: string; readonly at: Date }>();
  surroundings: Surroundings = { level: '1', env: '1', version: 1 };

  constructor(folder: string) {
    this.#folder = folder;
  }

  make(edit: Edit): void {
    switch (edit.kind) {
      case 'write':
        this.#remember(edit.path);
        write(this.#at(edit.path), edit.text);
        break;
      case 'write-quietly': {
        const stats = statSync(this.#at(edit.path), { throwIfNoEntry: false });
        this.#remember(edit.path);
        write(this.#at(edit.path), edit.text);
        if (stats !== undefined) utimesSync(this.#at(edit.path), stats.atime, stats.mtime);
        break;
      }
      case 'touch':
        if (existsSync(this.#at(edit.path))) utimesSync(this.#at(edit.path), 1e9, 1e9);
        break;
      case 'remove':
        this.#remember(edit.path);
        rmSync(this.#at(edit.path), { force: true });
        break;
      case 'revert': {
        const before = this.#before.get(edit.path);
        if (before === undefined) break;
        write(this.#at(edit.path), before.text);
        utimesSync(this.#at(edit.path), before.at, before.at);
        break;
      }
      case 'tamper':
        if (existsSync(this.#at(edit.path))) writeFileSync(this.#at(edit.path), 'tampered');
        break;
      case 'remove-output':
        rmSync(this.#at(edit.path), { force: true });
        break;
      case 'level':
      case 'env':
      case 'version':
        this.surroundings = { ...this.surroundings, [edit.kind]: edit.value };
        break;
      case 'nothing':
        break;
    }
  }

  #remember(path: string): void {
    const stats = statSync(this.#at(path), { throwIfNoEntry: false });
    if (stats === undefined) return;
    this.#before.set(path, { text: readFileSync(this.#at(path), 'utf8'), at: stats.mtime });
  }

  #at(path: string): string {
    return join(this.#folder, path);
  }
}

function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
