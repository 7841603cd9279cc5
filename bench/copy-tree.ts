import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { peersFolder } from './peers.ts';

const repository = join(import.meta.dirname, '..');

/**
 * A project of so many tasks that each copy `src/N.txt` (1 KiB) to `out/N.txt`: a binary tree in
 * which task 0 needs all others, for parproc and for each peer.
 */
export class CopyTree {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'parproc-bench-'));
  readonly count: number;
  #edits = 0;

  constructor(count: number) {
    this.count = count;
    for (const name of ['src', 'out', 'newer', 'wired', 'joined', 'node_modules']) {
      mkdirSync(join(this.folder, name));
    }
    for (let i = 0; i < count; i++) this.#write(`src/${i}.txt`, textOf(i));
    for (const name of ['gulp', 'gulp-cli', 'chokidar']) this.#link(name, repository);
    symlinkSync(repository, join(this.folder, 'node_modules/parproc'));
    for (const name of ['wireit', 'gulp-newer']) this.#link(name, peersFolder);
    this.#write('empty.mjs', emptySource);
    this.#write('gulpfile.mjs', ownSource(count));
    this.#write('newer.mjs', newerSource(count));
    this.#write('package.json', JSON.stringify(wireitPackage(count)));
    this.#write('build.ninja', ninjaSource(count));
  }

  /** Changes the input of the last task, on which about log2(count) others depend. */
  edit(): { readonly path: string; readonly text: string } {
    this.#edits++;
    const [path, text] = [`${this.count - 1}.txt`, textOf(-this.#edits)];
    this.#write(`src/${path}`, text);
    return { path, text };
  }

  /** Puts all outputs of one tool in place with times of now, as if it had just made them. */
  fill(folder: string): void {
    for (let i = 0; i < this.count; i++) {
      copyFileSync(join(this.folder, `src/${i}.txt`), join(this.folder, folder, `${i}.txt`));
    }
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  #link(name: string, from: string): void {
    symlinkSync(join(from, 'node_modules', name), join(this.folder, 'node_modules', name));
  }

  #write(path: string, text: string): void {
    writeFileSync(join(this.folder, path), text);
  }
}

function textOf(seed: number): string {
  return String(seed).padEnd(1024, '.');
}

function childrenOf(i: number, count: number): number[] {
  return [2 * i + 1, 2 * i + 2].filter((child) => child < count);
}

const emptySource = `
import gulp from 'gulp';
gulp.task('default', (done) => done());
`;

function ownSource(count: number): string {
  return `
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import gulp from 'gulp';
import { parproc, task } from 'parproc';
gulp.registry(parproc({ watchDebounce: 200 }));
task('copy::[i]').args({ i: Number })
  .deps(({ i }) => [2 * i + 1, 2 * i + 2].filter((child) => child < ${count})
    .map((child) => 'copy::' + child))
  .inputs('src/[i].txt').outputs('out/[i].txt').inProcess()
  .action((ctx, { i }) => copyFileSync('src/' + i + '.txt', 'out/' + i + '.txt'));
task('join').inputs('src/*.txt').outputs('joined/all.txt').inProcess()
  .action((ctx) => writeFileSync('joined/all.txt', ctx.inputs.map((file) => readFileSync(file, 'utf8')).join('')));
`;
}

function newerSource(count: number): string {
  return `
import gulp from 'gulp';
import newer from 'gulp-newer';
const made = [];
for (let i = ${count} - 1; i >= 0; i--) {
  const copy = () => gulp.src('src/' + i + '.txt').pipe(newer('newer')).pipe(gulp.dest('newer'));
  copy.displayName = 'copy' + i;
  const deps = [2 * i + 1, 2 * i + 2].filter((child) => child < ${count});
  made[i] = deps.length > 0
    ? gulp.series(gulp.parallel(...deps.map((child) => made[child])), copy)
    : copy;
}
gulp.task('default', made[0]);
`;
}

function wireitPackage(count: number): object {
  const scripts: Record<string, string> = {};
  const wireit: Record<string, object> = {};
  for (let i = 0; i < count; i++) {
    scripts[`copy${i}`] = 'wireit';
    wireit[`copy${i}`] = {
      command: `cp src/${i}.txt wired/${i}.txt`,
      files: [`src/${i}.txt`],
      output: [`wired/${i}.txt`],
      dependencies: childrenOf(i, count).map((child) => `copy${child}`),
    };
  }
  return { type: 'module', scripts, wireit };
}

function ninjaSource(count: number): string {
  const lines = ['rule copy', '  command = cp $in $out'];
  for (let i = 0; i < count; i++) {
    const deps = childrenOf(i, count).map((child) => `ninja/${child}.txt`);
    const needs = deps.length > 0 ? ` | ${deps.join(' ')}` : '';
    lines.push(`build ninja/${i}.txt: copy src/${i}.txt${needs}`);
  }
  return `${lines.join('\n')}\n`;
}
