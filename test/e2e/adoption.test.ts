import assert from 'node:assert/strict';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { cpSync, existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { siteFiles, treeOf, writeBinaries } from '../rig/gulp-site.ts';
import { endsOf, type GulpResult, runGulp } from '../rig/run-gulp.ts';
import { repository, TempProject } from '../rig/temp-project.ts';

const folder = join(repository, 'examples/adopt');
const plain = '0-plain.mjs';
const steps = readdirSync(folder).filter((name) => /^[1-9]-.*\.mjs$/.test(name));
const modes = ['development', 'production'];
const part = 'src/scss/parts/_grid.scss';

function site(): TempProject {
  const project = new TempProject({
    ...siteFiles,
    'src/index.html': '<!--#include file="partials/head.html" -->\n<p>Hello</p>\n',
    'src/about.html': '<!--#include file="partials/head.html" -->\n<p>{{mode}}</p>\n',
    'src/partials/head.html': '<title>A site, {{mode}}</title>\n',
    'src/js/c.js': 'export const or = (a, b) => (a ?? b)?.c ?? { ...a };\n',
  });
  writeBinaries(project.folder);
  cpSync(join(project.folder, 'src/img/font.woff2'), join(project.folder, 'src/fonts/a/b.woff2'));
  cpSync(folder, project.folder, { recursive: true });
  return project;
}

function build(project: TempProject, gulpfile: string, mode: string): Promise<GulpResult> {
  return runGulp(project, ['--json', '-S'], { gulpfile, env: { NODE_ENV: mode } });
}

const distOf = ({ folder: root }: TempProject) => treeOf(join(root, 'dist'));

test('every step of an adopted gulpfile writes what the plain one wrote, in both modes, and does nothing when nothing has changed', async () => {
  using project = site();
  assert.equal(steps.length, 4);
  for (const mode of modes) {
    for (const each of ['dist', '.parproc']) project.remove(each);
    await build(project, plain, mode);
    const expected = distOf(project);
    assert.equal(Object.keys(expected).length, 13, Object.keys(expected).join(' '));
    for (const step of steps) {
      project.remove('dist');
      project.remove('.parproc');
      await build(project, step, mode);
      assert.deepEqual(distOf(project), expected, `${step} ${mode}`);
      if (step.startsWith('1-')) continue;
      const again = endsOf(await build(project, step, mode)).map((end) => end.replace(/^\S+ /, ''));
      assert.ok(again.length >= 6 && again.every((state) => state === 'up-to-date'), step);
      assert.deepEqual(distOf(project), expected, `${step} ${mode}`);
    }
  }
});

test('an edit in an adopted gulpfile does only what it concerns, and clean leaves nothing', async () => {
  using project = site();
  await build(project, '4-protos.mjs', 'production');
  const changed = async () =>
    endsOf(await build(project, '4-protos.mjs', 'production')).filter(
      (end) => !end.endsWith(' up-to-date'),
    );
  project.write(part, `${siteFiles[part]}.more { top: 1px; }\n`);
  assert.deepEqual(await changed(), ['styles::prod::site succeeded']);
  project.write('src/partials/head.html', '<title>Another</title>\n');
  assert.deepEqual(await changed(), ['pages::prod succeeded']);
  for (const gulpfile of [plain, ...steps]) {
    await build(project, gulpfile, 'development');
    assert.ok(existsSync(join(project.folder, 'dist/dev')), gulpfile);
    await runGulp(project, ['clean'], { gulpfile, env: { NODE_ENV: 'development' } });
    assert.ok(!existsSync(join(project.folder, 'dist/dev')), gulpfile);
  }
});

test('a script that lint refuses fails the build of every step', async () => {
  using project = site();
  project.write('src/js/a.js', 'debugger; const x = ;\n');
  for (const gulpfile of [plain, ...steps]) {
    const { stdout, stderr } = await runGulp(project, ['lint'], { gulpfile, code: 1 });
    assert.match(stdout + stderr, /lint/, gulpfile);
  }
});

test('every step of an adopted gulpfile watches: an edit is built as the plain one builds it', async () => {
  using project = site();
  await build(project, plain, 'development');
  project.write(part, `${siteFiles[part]}.more { top: 1px; }\n`);
  await build(project, plain, 'development');
  const expected = distOf(project);
  for (const gulpfile of [plain, ...steps]) {
    project.write(part, `${siteFiles[part]}`);
    await build(project, gulpfile, 'development');
    assert.notDeepEqual(distOf(project), expected, gulpfile);
    project.write('watching.mjs', watching(gulpfile));
    await runGulp(project, ['watch'], {
      gulpfile: 'watching.mjs',
      // As long as it has done nothing for us, gulp is left to itself.
      code: /^[01]-/.test(gulpfile) ? null : 130,
      env: { NODE_ENV: 'development' },
      during: async (child) => {
        const lines = linesOf(child);
        await lines.until(/^watches$/);
        project.write(part, `${siteFiles[part]}.more { top: 1px; }\n`);
        await lines.until(/Finished '(?:styles|default)'/);
        child.kill('SIGINT');
      },
    });
    assert.deepEqual(distOf(project), expected, gulpfile);
  }
});

/** A gulpfile that says when all that another one watches is being watched. */
function watching(gulpfile: string): string {
  return `import gulp from 'gulp';
    const { watch } = gulp;
    let waiting = 0;
    gulp.watch = (...args) => {
      const watcher = watch.apply(gulp, args);
      waiting += 1;
      watcher?.on('ready', () => { waiting -= 1; if (waiting === 0) console.log('watches'); });
      return watcher;
    };
    const steps = await import('./${gulpfile}');
    export const watch_ = Object.assign(() => steps.watch(), { displayName: 'watch' });`;
}

function linesOf(child: ChildProcessWithoutNullStreams): { until(line: RegExp): Promise<void> } {
  let text = '';
  let look = (): void => undefined;
  child.stdout.on('data', (more: unknown) => {
    text += String(more);
    look();
  });
  return {
    until: (line) =>
      new Promise((resolve) => {
        look = () => {
          if (text.split('\n').some((each) => line.test(each))) resolve();
        };
        look();
      }),
  };
}
