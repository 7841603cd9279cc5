import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { Keyv } from 'keyv';
import { clear, configure, params, RunFailed, regexFiles, run, task } from '../../lib/index.ts';
import { anyEdit, type Edit, Editor, startFiles } from '../rig/oracle-edits.ts';
import {
  cleanBuild,
  definitionsText,
  filesIn,
  isFailing,
  outputsIn,
  sourcesIn,
  toolOn,
} from '../rig/oracle-tool.ts';

/** How many random sequences of edits are tried. */
const sequences = Number(process.env['ORACLE_SEQUENCES'] ?? 500);
const startDir = process.cwd();
// In memory if there is such a file system: disks take their time for every cache that is closed.
const home = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'parproc-oracle-'));
const here = filesIn('.');
process.env['PARPROC_SILENT'] = '1';

after(() => {
  process.chdir(startDir);
  rmSync(home, { recursive: true, force: true });
});

let restored = 0;
let noted = 0;

const { now } = Date;
let aheadMs = 0;
Date.now = () => now() + aheadMs;
/** By so much a file has to be older than what is known of it, to be taken for the same unread. */
const agedMs = 3000;

/** Makes all files so old; what is written from now on has a time that no file has had. */
function age(): void {
  aheadMs += agedMs;
  const clock = join(home, 'clock');
  const timeOf = (): number => {
    writeFileSync(clock, '');
    return statSync(clock).ctimeMs;
  };
  const before = timeOf();
  while (timeOf() === before);
}

/** A build as a new process would make it; returns how many tasks were executed. */
async function build({ surroundings: { level, env, version } }: Editor): Promise<number> {
  clear();
  process.env['ORACLE_ENV'] = env;
  params({ level });
  const define = new Function('task', 'regexFiles', 'tool', definitionsText(String(version)));
  define(task, regexFiles, toolOn(here));
  const result = await run('all').catch((error: unknown) => {
    if (error instanceof RunFailed && error.result !== undefined) return error.result;
    throw error;
  });
  assert.equal(result.ok, !isFailing(here));
  const ended = [...result.tasks.values()];
  restored += ended.filter(
    ({ state, reasons }) => state === 'up-to-date' && reasons.length > 0,
  ).length;
  return ended.filter(({ state }) => state === 'succeeded').length;
}

/** How a sequence is built. */
interface Way {
  readonly store: 'file' | 'keyv';
  readonly restore: boolean;
  /** Whether the files have been as they are for a while, whenever it is built. */
  readonly isAged: boolean;
}

async function follow({ store, restore, isAged }: Way, edits: readonly Edit[]): Promise<void> {
  const project = mkdtempSync(join(home, 'project-'));
  for (const [path, text] of Object.entries({ ...startFiles(), 'package.json': '{}' })) {
    mkdirSync(dirname(join(project, path)), { recursive: true });
    writeFileSync(join(project, path), text);
  }
  process.chdir(project);
  configure({ restore, cache: store === 'file' ? '.parproc/cache.sqlite' : new Keyv() });
  const editor = new Editor(project);
  for (const edit of [{ kind: 'nothing' } as const, ...edits]) {
    editor.make(edit);
    if (isAged) age();
    await build(editor);
    if (isAged) age();
    const clean = cleanBuild(sourcesIn(here), editor.surroundings);
    assert.deepEqual(outputsIn(here), clean, JSON.stringify(edit));
  }
  // What a task found out it reads counts once it has been known for a build.
  await build(editor);
  assert.equal(await build(editor), 0, 'a build that nothing has changed for runs nothing');
  const notes = '.parproc/cache.sqlite-requests';
  if (existsSync(notes)) noted += readdirSync(notes).length;
  clear();
  process.chdir(home);
  rmSync(project, { recursive: true, force: true });
}

const anyWay: fc.Arbitrary<Way> = fc.record({
  store: fc.constantFrom('file', 'keyv'),
  restore: fc.boolean(),
  isAged: fc.boolean(),
});

test(`after each of ${sequences} random sequences of edits a cached build equals a clean one`, async () => {
  // Of the code only the actions count: the module would be this file with all of parproc.
  configure({ mode: 'single', parallel: 4, globalInputs: [], code: 'function' });
  const anyEdits = fc.array(anyEdit, { minLength: 1, maxLength: 8 });
  await fc.assert(fc.asyncProperty(anyWay, anyEdits, follow), { numRuns: sequences });
  assert.ok(restored > sequences / 10, 'outputs were put back');
  assert.ok(noted > sequences / 10, 'what was asked for was recalled');
});
