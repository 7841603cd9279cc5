import assert from 'node:assert/strict';
import { test } from 'node:test';
import { live, storyIn } from '../rig/live-gulp.ts';
import { TempProject } from '../rig/temp-project.ts';

const gulpfile = `
  import gulp from 'gulp';
  import { parproc, task } from 'parproc';
  gulp.registry(parproc({ trackImports: true, watchDebounce: 50 }));
  task('styles').inputs('src/site.scss').action(async (ctx) => {
    const { compile } = await import('sass');
    return compile(ctx.inputs[0]).css;
  });
`;

test('a save of a file that an input imports runs the task, after a failure as well', async () => {
  using project = new TempProject({
    'gulpfile.mjs': gulpfile,
    'src/site.scss': "@use 'parts/colors';\n.a { color: colors.$text; }\n",
    'src/parts/_colors.scss': '$text: ;',
  });
  const result = await live(project, ['styles'], async (gulp) => {
    await gulp.settled();
    project.write('src/parts/_colors.scss', '$text: red;');
    await gulp.rebuilt();
    project.write('src/parts/_colors.scss', '$text: blue;');
    await gulp.rebuilt();
  });
  assert.deepEqual(storyIn(result.events), [
    'styles started',
    'styles failed',
    'changed for styles',
    'styles started',
    'styles succeeded',
    'changed for styles',
    'styles started',
    'styles succeeded',
  ]);
});
