import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import fc from 'fast-check';
import { anyEdit, type Edit, Editor, startFiles } from '../rig/oracle-edits.ts';
import {
  cleanBuild,
  definitionsText,
  filesIn,
  isFailing,
  outputsIn,
  sourcesIn,
} from '../rig/oracle-tool.ts';
import { killCarriers, survivorsOf } from '../rig/survivors.ts';
import { repository, TempProject } from '../rig/temp-project.ts';

/** How many sequences of steps are tried, half of them with `restore`. */
const sequences = Number(process.env['ORACLE_GULP_SEQUENCES'] ?? 12);
const stepCount = 12;
const toolUrl = pathToFileURL(join(repository, 'dist/test/rig/oracle-tool.js')).href;

const gulpfile = (restore: boolean): string => `
import gulp from 'gulp';
import { params, parproc, regexFiles, task } from 'parproc';
import { filesIn, toolOn } from '${toolUrl}';
import { version } from './version.mjs';
const tool = toolOn(filesIn('.'));
gulp.registry(parproc({ restore: ${restore}, parallel: 2 }));
params({ level: process.env.ORACLE_LEVEL });
${definitionsText('version')}
`;

/** A change, after which the build is cut short or not. */
interface Step {
  readonly edit: Edit;
  /** The whole build gets SIGKILL when it has told of so many events; then it is built again. */
  readonly killAfter: number | undefined;
}

const anyStep: fc.Arbitrary<Step> = fc.record({
  edit: anyEdit,
  killAfter: fc.option(fc.integer({ min: 0, max: 60 }), { nil: undefined, freq: 3 }),
});

function projectWith(files: Readonly<Record<string, string>>, restore: boolean): TempProject {
  return new TempProject({
    ...files,
    'gulpfile.mjs': gulpfile(restore),
    'package-lock.json': '{}',
  });
}

/** Runs gulp; all of its processes are killed as soon as it has printed so many lines. */
async function gulp(
  { folder }: TempProject,
  editor: Editor,
  { killAfter = Number.POSITIVE_INFINITY, flags = [] as readonly string[] } = {},
): Promise<{ readonly code: number | null; readonly text: string }> {
  const { level, env, version } = editor.surroundings;
  const token = randomUUID();
  filesIn(folder).write('version.mjs', `export const version = ${version};\n`);
  const bin = realpathSync(join(folder, 'node_modules/gulp/bin/gulp.js'));
  const child = spawn(process.execPath, [bin, '-S', 'all', '--json', ...flags], {
    cwd: folder,
    env: {
      ...process.env,
      NODE_OPTIONS: '',
      PARPROC_TEST_TOKEN: token,
      ORACLE_LEVEL: level,
      ORACLE_ENV: env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  let lines = 0;
  const take = (piece: string): void => {
    text += piece;
    lines += piece.split('\n').length - 1;
    if (lines >= killAfter) killCarriers(token);
  };
  child.stdout.setEncoding('utf8').on('data', take);
  child.stderr.setEncoding('utf8').on('data', take);
  if (killAfter === 0) child.once('spawn', () => killCarriers(token));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  assert.deepEqual(await survivorsOf(token), [], text);
  return { code, text };
}

async function follow(steps: readonly Step[], restore: boolean): Promise<void> {
  using project = projectWith(startFiles(), restore);
  const files = filesIn(project.folder);
  const editor = new Editor(project.folder);
  for (const { edit, killAfter } of steps) {
    editor.make(edit);
    if (killAfter !== undefined) await gulp(project, editor, { killAfter });
    const { code, text } = await gulp(project, editor);
    assert.equal(code, isFailing(files) ? 1 : 0, text);
    const clean = cleanBuild(sourcesIn(files), editor.surroundings);
    assert.deepEqual(outputsIn(files), clean, `${JSON.stringify(edit)}\n${text}`);
  }
  using fresh = projectWith(sourcesIn(files), restore);
  await gulp(fresh, editor, { flags: ['--cache=off'] });
  assert.deepEqual(outputsIn(files), outputsIn(filesIn(fresh.folder)));
}

describe('through gulp', { concurrency: 2 }, () => {
  for (const restore of [false, true]) {
    const kind = restore ? 'that puts outputs back' : 'with a cache';
    test(`after each of ${stepCount} random edits, some followed by SIGKILL of everything, a build ${kind} equals a clean one`, async () => {
      const anySteps = fc.array(anyStep, { minLength: stepCount, maxLength: stepCount });
      await fc.assert(
        fc.asyncProperty(anySteps, (steps) => follow(steps, restore)),
        // A shorter sequence is not looked for: that would take minutes.
        { numRuns: Math.ceil(sequences / 2), endOnFailure: true },
      );
    });
  }
});
