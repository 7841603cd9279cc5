import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { clear, configure, params, RunFailed, regexFiles, run, task } from '../../lib/index.ts';
import {
  anyEdit,
  cleanBuild,
  definitionsText,
  type Edit,
  Editor,
  isFailing,
  outputsIn,
  startFiles,
  tool,
} from '../rig/oracle-project.ts';

/** How many random sequences of edits are tried. */
const sequences = Number(process.env['ORACLE_SEQUENCES'] ?? 500);
const startDir = process.cwd();
const home = mkdtempSync(join(tmpdir(), 'parproc-oracle-'));
process.env['PARPROC_SILENT'] = '1';

after(() => {
  process.chdir(startDir);
  rmSync(home, { recursive: true, force: true });
});

/** A build as a new process would make it; returns how many tasks were executed. */
async function build({ surroundings: { level, env, version } }: Editor): Promise<number> {
  clear();
  process.env['ORACLE_ENV'] = env;
  params({ level });
  new Function('task', 'regexFiles', 'tool', definitionsText(String(version)))(
    task,
    regexFiles,
    tool,
  );
  const result = await run('all').catch((error: unknown) => {
    if (error instanceof RunFailed && error.result !== undefined) return error.result;
    throw error;
  });
  assert.equal(result.ok, !isFailing());
  return [...result.tasks.values()].filter(({ state }) => state === 'succeeded').length;
}

/** What a clean build of the project as it is now makes. */
function cleanOutputs(project: string, editor: Editor): Record<string, string> {
  const clean = join(home, 'clean');
  rmSync(clean, { recursive: true, force: true });
  for (const folder of ['src', 'inc']) {
    mkdirSync(join(clean, folder), { recursive: true });
    cpSync(join(project, folder), join(clean, folder), { recursive: true });
  }
  process.chdir(clean);
  const made = cleanBuild(editor.surroundings);
  process.chdir(project);
  return made;
}

async function follow(edits: readonly Edit[]): Promise<void> {
  const project = mkdtempSync(join(home, 'project-'));
  for (const [path, text] of Object.entries({ ...startFiles(), 'package.json': '{}' })) {
    mkdirSync(dirname(join(project, path)), { recursive: true });
    writeFileSync(join(project, path), text);
  }
  process.chdir(project);
  const editor = new Editor(project);
  for (const edit of [{ kind: 'nothing' } as const, ...edits]) {
    editor.make(edit);
    await build(editor);
    assert.deepEqual(outputsIn('.'), cleanOutputs(project, editor), JSON.stringify(edit));
  }
  await build(editor);
  assert.equal(await build(editor), 0, 'a build that nothing has changed for runs nothing');
  clear();
  process.chdir(home);
  rmSync(project, { recursive: true, force: true });
}

test(`after each of ${sequences} random sequences of edits a cached build equals a clean one`, async () => {
  configure({ mode: 'single', parallel: 4, globalInputs: [], cache: '.parproc/cache.sqlite' });
  await fc.assert(fc.asyncProperty(fc.array(anyEdit, { minLength: 1, maxLength: 8 }), follow), {
    numRuns: sequences,
  });
});
