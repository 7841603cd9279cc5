import assert from 'node:assert/strict';
import { cpSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { siteFiles, treeOf, writeBinaries } from '../rig/gulp-site.ts';
import { endsOf, runGulp } from '../rig/run-gulp.ts';
import { repository, TempProject } from '../rig/temp-project.ts';

const folder = join(repository, 'examples/adopt');
const steps = readdirSync(folder).filter((name) => /^[1-9]-.*\.mjs$/.test(name));

test('every step of an adopted gulpfile writes what the plain one wrote, and does nothing when nothing has changed', async () => {
  using project = new TempProject({ ...siteFiles, 'src/index.html': '<p>Hello</p>\n' });
  writeBinaries(project.folder);
  cpSync(folder, project.folder, { recursive: true });
  const build = (gulpfile: string) => runGulp(project, ['--json', '-S'], { gulpfile });
  const tree = () => treeOf(join(project.folder, 'dist'));

  await build('0-plain.mjs');
  const expected = tree();
  assert.equal(Object.keys(expected).length, 10, Object.keys(expected).join(' '));
  assert.equal(steps.length, 4);
  for (const step of steps) {
    project.remove('dist');
    project.remove('.parproc');
    await build(step);
    assert.deepEqual(tree(), expected, step);
    if (step.startsWith('1-')) continue;
    const again = endsOf(await build(step)).map((end) => end.replace(/^\S+ /, ''));
    assert.ok(again.length >= 5 && again.every((state) => state === 'up-to-date'), step);
    assert.deepEqual(tree(), expected, step);
  }

  const part = 'src/scss/parts/_grid.scss';
  project.write(part, `${siteFiles[part]}.more { top: 1px; }\n`);
  const ends = endsOf(await build('4-protos.mjs'));
  assert.deepEqual(
    ends.filter((end) => !end.endsWith(' up-to-date')),
    ['styles::site succeeded'],
  );
});
