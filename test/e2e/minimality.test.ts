import assert from 'node:assert/strict';
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { sha256 } from '../../lib/base/sha256.ts';
import { clear, configure, run, task } from '../../lib/index.ts';

const count = 1000;
const startDir = process.cwd();
const project = mkdtempSync(join(tmpdir(), 'parproc-minimal-'));
process.env['PARPROC_SILENT'] = '1';

after(() => {
  process.chdir(startDir);
  rmSync(project, { recursive: true, force: true });
});

/** A binary tree of tasks: each copies its file up to a `#`, with digests of what its deps have made. */
async function build(): Promise<string[]> {
  clear();
  task('copy::[i]')
    .args({ i: Number })
    .deps(({ i }) =>
      [2 * i + 1, 2 * i + 2].filter((dep) => dep < count).map((dep) => `copy::${dep}`),
    )
    .inputs('src/[i].txt')
    .outputs('out/[i].txt')
    .action((_, { i }) => {
      const [text = ''] = readFileSync(`src/${i}.txt`, 'utf8').split('#');
      const below = [2 * i + 1, 2 * i + 2].filter((dep) => dep < count);
      const made = below.map((dep) => sha256(readFileSync(`out/${dep}.txt`)));
      writeFileSync(`out/${i}.txt`, `${text}${made.join()}`);
    });
  const { tasks } = await run('copy::0');
  return [...tasks].flatMap(([name, { state }]) => (state === 'succeeded' ? [name] : []));
}

/** A task and all that need it, however indirectly. */
function coneOf(i: number): string[] {
  return i === 0 ? ['copy::0'] : [`copy::${i}`, ...coneOf(Math.floor((i - 1) / 2))];
}

test('in a tree of 1,000 tasks exactly what is touched by a change is executed', async () => {
  process.chdir(project);
  for (const folder of ['src', 'out']) mkdirSync(folder);
  for (let i = 0; i < count; i++) writeFileSync(`src/${i}.txt`, `text ${i}`);
  configure({ mode: 'single', parallel: 4, globalInputs: [] });
  assert.equal((await build()).length, count);
  assert.deepEqual(await build(), [], 'nothing has changed');

  for (let i = 0; i < count; i++) utimesSync(`src/${i}.txt`, 1e9, 1e9);
  assert.deepEqual(await build(), [], 'all were touched');

  const { atime, mtime } = statSync('src/999.txt');
  writeFileSync('src/999.txt', 'text of 999');
  utimesSync('src/999.txt', atime, mtime);
  assert.deepEqual((await build()).sort(), coneOf(999).sort(), 'a leaf changed');

  writeFileSync('src/500.txt', 'text 500# with a remark');
  assert.deepEqual(await build(), ['copy::500'], 'what is made of a leaf came out the same');

  writeFileSync('src/10.txt', 'TEXT 10');
  assert.deepEqual((await build()).sort(), coneOf(10).sort(), 'in the middle');

  rmSync('out/700.txt');
  assert.deepEqual(await build(), ['copy::700'], 'an output was removed, and made again as it was');
  clear();
});
