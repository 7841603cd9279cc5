import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';

/** What tasks of the project are given, by parproc or by `cleanBuild`. */
export interface ToolContext {
  readonly params: Readonly<Record<string, unknown>>;
  readonly results: Readonly<Record<string, unknown>>;
  discover(...paths: string[]): void;
}

/** What surrounds a build besides its files. */
export interface Surroundings {
  readonly level: string;
  readonly env: string;
  readonly version: number;
}

const sources = ['src/a.txt', 'src/b.txt', 'src/c.txt', 'src/main.txt', 'src/flaky.txt'] as const;
const parts = ['src/parts/x.txt', 'src/parts/y.txt', 'src/parts/deep/z.txt'] as const;
const includes = ['inc/p.txt', 'inc/q.txt'] as const;
const files = [...sources, ...parts, ...includes] as const;
const outputs = [
  ...['a', 'b', 'c', 'up-a', 'up-b', 'count', 'concat', 'param', 'env', 'found', 'list'],
  ...['result', 'indirect', 'many/x.txt', 'flaky'],
].map((name) => (name.includes('/') ? `out/${name}` : `out/${name}.txt`));

function read(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : '-';
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

function below(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => statSync(join(folder, name)).isFile())
    .sort();
}

/** The work of each task. Paths are relative to the working directory. */
export const tool = {
  copy(name: string, version: number): void {
    write(`out/${name}.txt`, `${version}:${read(`src/${name}.txt`)}`);
  },
  /** What stands behind a `#` is left out, so that some changes of the input change nothing. */
  upper(name: string): void {
    const [text = ''] = read(`out/${name}.txt`).split('#');
    write(`out/up-${name}.txt`, text.toUpperCase());
  },
  count(): number {
    const length = read('out/up-a.txt').length + read('out/up-b.txt').length;
    write('out/count.txt', String(length));
    return length % 2;
  },
  concat(): void {
    write(
      'out/concat.txt',
      below('src/parts')
        .map((name) => read(`src/parts/${name}`))
        .join(),
    );
  },
  many(): void {
    rmSync('out/many', { recursive: true, force: true });
    for (const name of below('src/parts')) write(`out/many/${name}`, read(`src/parts/${name}`));
    mkdirSync('out/many', { recursive: true });
  },
  param({ params }: ToolContext): void {
    write('out/param.txt', `${String(params['level'])} ${read('src/a.txt')}`);
  },
  env(): void {
    write('out/env.txt', `${process.env['ORACLE_ENV']} ${read('src/b.txt')}`);
  },
  found(ctx: ToolContext): void {
    const wanted = [...read('src/main.txt')].map((letter) => `inc/${letter}.txt`);
    ctx.discover(...wanted);
    write('out/found.txt', wanted.map(read).join());
  },
  list(): void {
    write(
      'out/list.txt',
      below('src')
        .filter((name) => /[xyz]/.test(name))
        .join(),
    );
  },
  result({ results }: ToolContext): void {
    write('out/result.txt', `odd: ${String(results['count'])}`);
  },
  indirect(): void {
    write('out/indirect.txt', `${read('out/a.txt')}${read('out/result.txt')}`);
  },
  flaky(): void {
    const text = read('src/flaky.txt');
    write('out/flaky.txt', text.slice(0, 1));
    if (text.includes('p')) throw new Error('as asked');
    write('out/flaky.txt', text);
  },
};

/** Defines the tasks, given `task`, `regexFiles`, `tool` and `version` as a literal in the text. */
export function definitionsText(version: string): string {
  return `
task('copy::[n]').args({ n: ['a', 'b', 'c'] }).inputs('src/[n].txt').outputs('out/[n].txt')
  .action((ctx, { n }) => tool.copy(n, ${version}));
task('upper::[n]').args({ n: ['a', 'b'] }).deps('copy::[n]')
  .inputs('out/[n].txt').outputs('out/up-[n].txt').action((ctx, { n }) => tool.upper(n));
task('count').deps('upper::*').inputs('out/up-*.txt', 'out/up-a.txt').outputs('out/count.txt')
  .action(() => tool.count());
task('concat').inputs('src/parts/**/*.txt').outputs('out/concat.txt').action(() => tool.concat());
task('many').inputs('src/parts').outputs('out/many').action(() => tool.many());
task('param').inputs('src/a.txt').outputs('out/param.txt').action((ctx) => tool.param(ctx));
task('env').env('ORACLE_ENV').inputs('src/b.txt').outputs('out/env.txt').action(() => tool.env());
task('found').inputs('src/main.txt').outputs('out/found.txt').action((ctx) => tool.found(ctx));
task('list').inputs(regexFiles('src', /[xyz]/)).outputs('out/list.txt').action(() => tool.list());
task('result').deps('count').outputs('out/result.txt').action((ctx) => tool.result(ctx));
task('indirect').deps('result').inputs('out/a.txt', 'out/result.txt').outputs('out/indirect.txt')
  .action(() => tool.indirect());
task('flaky').inputs('src/flaky.txt').outputs('out/flaky.txt').action(() => tool.flaky());
task('all').deps('copy::*', 'count', 'concat', 'many', 'param', 'env', 'found', 'list', 'indirect', 'flaky');
`;
}

/** The files of a new project. */
export function startFiles(): Record<string, string> {
  return Object.fromEntries(files.map((path, index) => [path, String(index)]));
}

/** All outputs by path, made by plain calls of the tool, one after the other, in the current folder. */
export function cleanBuild({ level, version }: Surroundings): Record<string, string> {
  rmSync('out', { recursive: true, force: true });
  const results: Record<string, unknown> = {};
  const ctx: ToolContext = { params: { level }, results, discover: () => undefined };
  for (const name of ['a', 'b', 'c']) tool.copy(name, version);
  for (const name of ['a', 'b']) tool.upper(name);
  results['count'] = tool.count();
  tool.concat();
  tool.many();
  tool.param(ctx);
  tool.env();
  tool.found(ctx);
  tool.list();
  tool.result(ctx);
  tool.indirect();
  if (!isFailing()) tool.flaky();
  return outputsIn('.');
}

/** Whether the task that can fail would. */
export function isFailing(): boolean {
  return read('src/flaky.txt').includes('p');
}

/** What is in the outputs of a project; what a failed task has left does not count. */
export function outputsIn(folder: string): Record<string, string> {
  const root = join(folder, 'out');
  const found = below(root).map((name) => [name, readFileSync(join(root, name), 'utf8')] as const);
  const failing = read(join(folder, 'src/flaky.txt')).includes('p');
  return Object.fromEntries(found.filter(([name]) => !failing || name !== 'flaky.txt'));
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
