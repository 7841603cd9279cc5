import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runGulp, storyOf } from '../rig/run-gulp.ts';
import { TempProject } from '../rig/temp-project.ts';

const gulpfile = `
import gulp from 'gulp';
import { setTimeout as pause } from 'node:timers/promises';
import { parproc, task } from 'parproc';
gulp.registry(parproc({ parallel: 1, mode: 'single' }));
const fast = () => 1;
const slow = () => pause(40);
task('quick').inputs('*.txt').action(fast);
task('long').inputs('*.txt').action(slow);
task('short').deps('long').action(fast);
task('other').inputs('*.txt').action(fast);
`;

test('of what can start, what the longest way hangs from comes first, as measured before', async () => {
  using site = new TempProject({ 'gulpfile.mjs': gulpfile, 'a.txt': '1' });
  const names = ['quick', 'other', 'short', '--json', '--full'];
  await runGulp(site, names);
  const again = await runGulp(site, names);
  const starts = storyOf(again).filter((line) => line.endsWith('started'));
  assert.deepEqual(
    starts.slice(0, 2).map((line) => line.split(' ')[0]),
    ['quick', 'long'],
    'a slot that is free before the others are wanted goes to who is there',
  );
  assert.deepEqual(
    starts
      .slice(2)
      .map((line) => line.split(' ')[0])
      .toSorted(),
    ['other', 'short'],
  );
});

test('tasks of one request are ordered by the longest way', async () => {
  using site = new TempProject({
    'gulpfile.mjs': `${gulpfile} task('all').deps('quick', 'other', 'short');`,
    'a.txt': '1',
  });
  await runGulp(site, ['all', '--full']);
  const again = await runGulp(site, ['all', '--json', '--full']);
  const [first] = storyOf(again);
  assert.equal(first, 'long started');
});
