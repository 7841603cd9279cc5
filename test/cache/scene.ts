import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { openSqliteStore } from '../../lib/cache/sqlite-store.ts';
import type { Store } from '../../lib/cache/store.ts';
import { type CacheOptions, TaskCache } from '../../lib/cache/task-cache.ts';
import type { Observation, Success, Verdict } from '../../lib/cache/verdict.ts';
import type { TaskNode } from '../../lib/model/node.ts';
import { define, nodeOf } from '../graph/catalog.ts';

/** A folder with a build file, an input and what a task makes of it. */
export class Scene {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'parproc-cache-'));
  readonly warnings: string[] = [];
  /** The environment that the cache looks at. */
  readonly env: Record<string, string> = {};
  /** Later than any file time, so that nothing counts as too young unless a test wants it. */
  now: number = Date.now() + 60_000;

  constructor() {
    this.write('build.mjs', "import './helper.mjs';");
    this.write('helper.mjs', '1');
    this.write('in.txt', 'one');
    this.write('out.txt', 'made');
  }

  /** Of a cache that is kept in this folder. */
  options(): CacheOptions {
    return {
      path: '.parproc/cache.sqlite',
      workDir: this.folder,
      clock: () => this.now,
      isDefined: () => true,
      env: (name) => this.env[name],
      onWarning: (code) => this.warnings.push(code),
    };
  }

  open(changed: Partial<CacheOptions> = {}): Promise<TaskCache> {
    return TaskCache.open({ ...this.options(), ...changed });
  }

  node(parts: Partial<TaskNode> = {}): TaskNode {
    const place = { file: join(this.folder, 'build.mjs'), line: 1, column: 1 };
    const definition = define('task', { place, outputs: parts.outputs ?? ['out.txt'] });
    return nodeOf(definition, { inputs: ['*.txt'], outputs: ['out.txt'], ...parts });
  }

  at(path: string): string {
    return join(this.folder, path);
  }

  write(path: string, text: string): void {
    mkdirSync(dirname(this.at(path)), { recursive: true });
    writeFileSync(this.at(path), text);
  }

  remove(path: string): void {
    rmSync(this.at(path), { recursive: true });
  }

  link(path: string, target: string): void {
    mkdirSync(dirname(this.at(path)), { recursive: true });
    symlinkSync(target, this.at(path));
  }

  /** The cache file, for what goes around the cache. */
  openStore(): Promise<Store> {
    return openSqliteStore({
      file: this.at('.parproc/cache.sqlite'),
      isDamaged: false,
      onRecovered: () => undefined,
    });
  }

  /** What a task sees before it runs. */
  async observed(node: TaskNode): Promise<Observation> {
    return (await this.verdict(node)).observation;
  }

  /** A successful run of the task, as the executor does it. */
  async succeed(
    node: TaskNode,
    value?: unknown,
    deps: ReadonlyMap<string, string> = new Map(),
  ): Promise<string> {
    const cache = await this.open();
    const { observation } = cache.check(node, deps, false);
    await cache.begin(node);
    const finished = cache.finish(node, successOf(observation, value));
    await cache.close();
    return finished.kind === 'finished' ? finished.outcome.digest : finished.kind;
  }

  /** What the next process finds. */
  async verdict(node: TaskNode, deps: ReadonlyMap<string, string> = new Map()): Promise<Verdict> {
    const cache = await this.open();
    const verdict = cache.check(node, deps, false);
    await cache.close();
    return verdict;
  }

  async reasons(node: TaskNode, deps?: ReadonlyMap<string, string>): Promise<unknown[]> {
    const verdict = await this.verdict(node, deps);
    return verdict.kind === 'fresh' ? [] : [...verdict.reasons];
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A success that read no params and asked for nothing. */
export function successOf(seen: Observation, value?: unknown, tookMs = 5): Success {
  return { seen, value, tookMs, paramsRead: [], discovered: [], hasAsked: false, log: [] };
}
