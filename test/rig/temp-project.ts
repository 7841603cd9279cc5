import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root of this repository, from `dist/test/rig` as well as from `test/rig`. */
export const repository: string = fileURLToPath(
  new URL(import.meta.url.includes('/dist/') ? '../../..' : '../..', import.meta.url),
);

/** What a project can import besides `parproc`. */
const modules = [
  ...['gulp', 'gulp-cli', 'tsx', 'esbuild', 'valibot', 'sass', 'svgo', 'postcss', 'autoprefixer'],
  ...['gulp-sass', 'gulp-postcss', 'gulp-terser', 'gulp-concat', 'gulp-svgmin', 'grunt', 'oxlint'],
];

/** A project folder of its own in which `parproc`, `gulp`, `tsx` and tools can be imported. */
export class TempProject {
  readonly folder: string;

  /** @param files Contents by path; `package.json` is `{"type":"module"}` unless given. */
  constructor(files: Readonly<Record<string, string>> = {}) {
    this.folder = mkdtempSync(join(tmpdir(), 'parproc-test-'));
    const into = join(this.folder, 'node_modules');
    mkdirSync(into);
    for (const name of modules) {
      symlinkSync(join(repository, 'node_modules', name), join(into, name));
    }
    symlinkSync(repository, join(into, 'parproc'));
    this.write('package.json', '{"type":"module"}');
    for (const [path, text] of Object.entries(files)) this.write(path, text);
  }

  write(path: string, text: string): void {
    const file = join(this.folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }

  read(path: string): string {
    return readFileSync(join(this.folder, path), 'utf8');
  }

  remove(path: string): void {
    rmSync(join(this.folder, path), { recursive: true, force: true });
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
