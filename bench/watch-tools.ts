import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CopyTree } from './copy-tree.ts';

/** How long it must be quiet before a change counts: the same for all who can be told. */
const quietMs = 200;

/** A program that watches a tree. */
interface Tool {
  readonly args: readonly string[];
  /** Where it puts its copies. */
  readonly folder: string;
  /** A line of its output that says that it waits for changes. */
  readonly isIdle: (line: string) => boolean;
}

/** What is compared. */
export type ToolName = 'parproc' | 'gulp.watch and gulp-newer' | 'wireit watch' | 'chokidar alone';

const tools: Readonly<Record<ToolName, Tool>> = {
  parproc: {
    args: ['node_modules/gulp/bin/gulp.js', 'copy::0', '--live', '--json', '-S'],
    folder: 'out',
    isIdle: (line) => line.includes('"event":"watch-settled"'),
  },
  'gulp.watch and gulp-newer': {
    args: ['node_modules/gulp/bin/gulp.js', '-f', 'watch-newer.mjs', 'watch'],
    folder: 'newer',
    isIdle: (line) => /Finished 'default'|ready to watch/.test(line),
  },
  'wireit watch': {
    args: ['node_modules/wireit/bin/wireit.js'],
    folder: 'wired',
    isIdle: (line) => /Ran \d+ scripts?|Watching for file changes/.test(line),
  },
  'chokidar alone': {
    args: ['watch-floor.mjs'],
    folder: 'floor',
    isIdle: (line) => /copied|ready to watch/.test(line),
  },
};

/** What one save has led to, in milliseconds. */
export interface Reaction {
  /** From the save to the copy. */
  readonly copyMs: number;
  /** From the save until it waits for changes again. */
  readonly idleMs: number;
  /**
   * From the end of the quiet period after the save until it is read that a task was started; of
   * parproc only.
   */
  readonly startMs: number | undefined;
}

/** A tool that watches a tree. */
export class Watching {
  readonly #tree: CopyTree;
  readonly #tool: Tool;
  readonly #child: ChildProcess;
  #lines: string[] = [];
  /** When the first line was read that tells of a start. */
  #startedAt: number | undefined;
  #rest = '';

  /** Starts it, and resolves when it waits for changes. */
  static async start(tree: CopyTree, name: ToolName): Promise<Watching> {
    const watching = new Watching(tree, name);
    await watching.#idle();
    // Some say so a little early.
    await pause(1000);
    return watching;
  }

  private constructor(tree: CopyTree, name: ToolName) {
    this.#tree = tree;
    this.#tool = tools[name];
    writeSources(tree);
    this.#child = spawn(process.execPath, this.#tool.args, {
      cwd: tree.folder,
      env: {
        ...process.env,
        npm_config_user_agent: 'npm/10.0.0',
        npm_lifecycle_event: 'copy0',
        npm_package_json: join(tree.folder, 'package.json'),
        npm_config_watch: 'true',
        WIREIT_LOGGER: 'simple',
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      const lines = (this.#rest + text).split('\n');
      this.#rest = lines.pop() ?? '';
      this.#lines.push(...lines);
      if (lines.some((line) => line.includes('"event":"task-started"'))) {
        this.#startedAt ??= performance.now();
      }
    });
  }

  /** Saves a file, and waits for all that this leads to. */
  async save(): Promise<Reaction> {
    this.#lines = [];
    this.#startedAt = undefined;
    const { path, text } = this.#tree.edit();
    const copy = join(this.#tree.folder, this.#tool.folder, path);
    const savedAt = performance.now();
    while (textIn(copy) !== text) await this.#pauseAlive();
    const copyMs = performance.now() - savedAt;
    await this.#idle();
    const idleMs = performance.now() - savedAt;
    const startMs = this.#startedAt && this.#startedAt - savedAt - quietMs;
    return { copyMs, idleMs, startMs };
  }

  /** Ends it. */
  async stop(): Promise<void> {
    if (this.#hasEnded) return;
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.kill('SIGINT');
    await ended;
  }

  async #idle(): Promise<void> {
    while (!this.#lines.some(this.#tool.isIdle)) await this.#pauseAlive();
  }

  async #pauseAlive(): Promise<void> {
    if (this.#hasEnded) throw new Error(`${this.#tool.args.join(' ')} has ended.`);
    await pause(1);
  }

  get #hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }
}

function textIn(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function writeSources({ folder }: CopyTree): void {
  const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);
  write(
    'watch-newer.mjs',
    `
import gulp from 'gulp';
import './newer.mjs';
gulp.task('watch', (done) => {
  gulp.watch('src/*.txt', { delay: ${quietMs} }, gulp.task('default')).on('ready', () => console.log('ready to watch'));
});
`,
  );
  write(
    'watch-floor.mjs',
    `
import { copyFileSync, mkdirSync } from 'node:fs';
import { basename } from 'node:path';
import { watch } from 'chokidar';
mkdirSync('floor', { recursive: true });
let timer;
watch('src', { ignoreInitial: true }).on('ready', () => console.log('ready to watch')).on('change', (path) => {
  clearTimeout(timer);
  timer = setTimeout(() => { copyFileSync(path, 'floor/' + basename(path)); console.log('copied'); }, ${quietMs});
});
`,
  );
}
