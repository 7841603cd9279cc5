import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

/** What the tasks of the project read and write: paths with `/`, relative to the project. */
export interface Files {
  /** `-` where there is no file. */
  read(path: string): string;
  write(path: string, text: string): void;
  /** Files below a folder, relative to it, sorted. */
  below(folder: string): string[];
  /** Removes a folder and all in it. */
  empty(folder: string): void;
}

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

/** Files below a folder of the disk. */
export function filesIn(folder: string): Files {
  const at = (path: string): string => join(folder, path);
  return {
    read: (path) => (existsSync(at(path)) ? readFileSync(at(path), 'utf8') : '-'),
    write(path, text) {
      mkdirSync(dirname(at(path)), { recursive: true });
      writeFileSync(at(path), text);
    },
    below(path) {
      if (!existsSync(at(path))) return [];
      return readdirSync(at(path), { recursive: true, encoding: 'utf8' })
        .filter((name) => statSync(join(at(path), name)).isFile())
        .sort();
    },
    empty(path) {
      rmSync(at(path), { recursive: true, force: true });
      mkdirSync(at(path), { recursive: true });
    },
  };
}

/** Files in memory, which begin as `texts`. */
export function filesOf(texts: Readonly<Record<string, string>>): Files {
  const all = new Map(Object.entries(texts));
  const below = (folder: string): string[] =>
    [...all.keys()]
      .filter((path) => path.startsWith(`${folder}/`))
      .map((path) => path.slice(folder.length + 1))
      .sort();
  return {
    read: (path) => all.get(path) ?? '-',
    write: (path, text) => void all.set(path, text),
    below,
    empty(folder) {
      for (const name of below(folder)) all.delete(`${folder}/${name}`);
    },
  };
}

/** The work of each task. */
export interface Tool {
  copy(name: string, version: number): void;
  /** What stands behind a `#` is left out, so that some changes of the input change nothing. */
  upper(name: string): void;
  count(): number;
  concat(): void;
  many(): void;
  param(ctx: ToolContext): void;
  env(value: string | undefined): void;
  found(ctx: ToolContext): void;
  list(): void;
  result(ctx: ToolContext): void;
  indirect(): void;
  flaky(): void;
}

/** The work of each task, on the given files. */
export function toolOn({ read, write, below, empty }: Files): Tool {
  return {
    copy: (name, version) => write(`out/${name}.txt`, `${version}:${read(`src/${name}.txt`)}`),
    upper(name) {
      const [text = ''] = read(`out/${name}.txt`).split('#');
      write(`out/up-${name}.txt`, text.toUpperCase());
    },
    count() {
      const length = read('out/up-a.txt').length + read('out/up-b.txt').length;
      write('out/count.txt', String(length));
      return length % 2;
    },
    concat() {
      const texts = below('src/parts').map((name) => read(`src/parts/${name}`));
      write('out/concat.txt', texts.join());
    },
    many() {
      empty('out/many');
      for (const name of below('src/parts')) write(`out/many/${name}`, read(`src/parts/${name}`));
    },
    param: ({ params }) =>
      write('out/param.txt', `${String(params['level'])} ${read('src/a.txt')}`),
    env: (value) => write('out/env.txt', `${value} ${read('src/b.txt')}`),
    found(ctx) {
      const wanted = [...read('src/main.txt')].map((letter) => `inc/${letter}.txt`);
      ctx.discover(...wanted);
      write('out/found.txt', wanted.map(read).join());
    },
    list() {
      const names = below('src').filter((name) => /[xyz]/.test(name));
      write('out/list.txt', names.join());
    },
    result: ({ results }) => write('out/result.txt', `odd: ${String(results['count'])}`),
    indirect: () => write('out/indirect.txt', `${read('out/a.txt')}${read('out/result.txt')}`),
    flaky() {
      const text = read('src/flaky.txt');
      write('out/flaky.txt', text.slice(0, 1));
      if (text.includes('p')) throw new Error('as asked');
      write('out/flaky.txt', text);
    },
  };
}

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
task('env').env('ORACLE_ENV').inputs('src/b.txt').outputs('out/env.txt').action(() => tool.env(process.env.ORACLE_ENV));
task('found').inputs('src/main.txt').outputs('out/found.txt').action((ctx) => tool.found(ctx));
task('list').inputs(regexFiles('src', /[xyz]/)).outputs('out/list.txt').action(() => tool.list());
task('result').deps('count').outputs('out/result.txt').action((ctx) => tool.result(ctx));
task('indirect').deps('result').inputs('out/a.txt', 'out/result.txt').outputs('out/indirect.txt')
  .action(() => tool.indirect());
task('flaky').inputs('src/flaky.txt').outputs('out/flaky.txt').action(() => tool.flaky());
task('all').deps('copy::*', 'count', 'concat', 'many', 'param', 'env', 'found', 'list', 'indirect', 'flaky');
`;
}

/** All outputs by path, made by plain calls of the tool, one after the other. */
export function cleanBuild(
  sources: Readonly<Record<string, string>>,
  { level, env, version }: Surroundings,
): Record<string, string> {
  const files = filesOf(sources);
  const tool = toolOn(files);
  const results: Record<string, unknown> = {};
  const ctx: ToolContext = { params: { level }, results, discover: () => undefined };
  for (const name of ['a', 'b', 'c']) tool.copy(name, version);
  for (const name of ['a', 'b']) tool.upper(name);
  results['count'] = tool.count();
  tool.concat();
  tool.many();
  tool.param(ctx);
  tool.env(env);
  tool.found(ctx);
  tool.list();
  tool.result(ctx);
  tool.indirect();
  if (!isFailing(files)) tool.flaky();
  return outputsIn(files);
}

/** Whether the task that can fail would. */
export function isFailing({ read }: Files): boolean {
  return read('src/flaky.txt').includes('p');
}

/** What is in the outputs of a project; what a failed task has left does not count. */
export function outputsIn(files: Files): Record<string, string> {
  const isLeftOut = isFailing(files);
  const names = files.below('out').filter((name) => !isLeftOut || name !== 'flaky.txt');
  return Object.fromEntries(names.map((name) => [name, files.read(`out/${name}`)]));
}

/** What is not made by tasks. */
export function sourcesIn(files: Files): Record<string, string> {
  const paths = ['src', 'inc'].flatMap((folder) =>
    files.below(folder).map((name) => `${folder}/${name}`),
  );
  return Object.fromEntries(paths.map((path) => [path, files.read(path)]));
}
