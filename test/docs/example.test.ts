import { cpSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { shellProject } from '../rig/run-shell.ts';
import { repository } from '../rig/temp-project.ts';
import { blocksOf } from './markdown.ts';
import { assertTranscript, stepsOf } from './transcript.ts';

const script = 'node --import tsx node_modules/gulp/bin/gulp.js -f parprocfile.example.ts';
/** What the example compiles a site with takes a minute on a slow machine. */
const limitMs = 600_000;

test('the example prints what the README shows of it', async () => {
  using project = shellProject({
    'package.json': JSON.stringify({ type: 'module', scripts: { example: script } }),
    // It says nothing of the script that it runs.
    '.npmrc': 'loglevel=silent',
  });
  for (const path of ['parprocfile.example.ts', 'examples/build', 'examples/src']) {
    cpSync(join(repository, path), join(project.folder, path), { recursive: true });
  }
  for (const name of ['bootstrap', 'bootstrap-icons', 'lightningcss']) {
    const modules = join(project.folder, 'node_modules');
    symlinkSync(join(repository, 'node_modules', name), join(modules, name));
  }
  const readme = readFileSync(join(repository, 'README.md'), 'utf8');
  for (const { use, lines } of blocksOf(readme)) {
    if (use === 'run in the example') await assertTranscript(project, stepsOf(lines), limitMs);
  }
});
