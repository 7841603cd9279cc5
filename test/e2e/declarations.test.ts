import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { repository, TempProject } from '../rig/temp-project.ts';

/** What the compiler says of a project that has the package installed. */
function compile(project: TempProject): string {
  symlinkSync(join(repository, 'node_modules/@types'), join(project.folder, 'node_modules/@types'));
  project.write(
    'tsconfig.json',
    JSON.stringify({
      compilerOptions: {
        target: 'es2022',
        module: 'nodenext',
        strict: true,
        skipLibCheck: true,
        declaration: true,
        outDir: 'dist',
        types: ['node'],
      },
      files: ['parprocfile.ts'],
    }),
  );
  const tsc = join(repository, 'node_modules/typescript/bin/tsc');
  return spawnSync(process.execPath, [tsc, '-p', project.folder], { encoding: 'utf8' }).stdout;
}

test('a build file that exports its tasks compiles, with declarations, from the types of the package', () => {
  using site = new TempProject({
    'parprocfile.ts': `import gulp from 'gulp';
      import { NO_FAILURES, parproc, task } from 'parproc';
      import * as v from 'valibot';
      gulp.registry(parproc({ parallel: 4 }));
      const port = v.pipe(v.string(), v.transform(Number));
      export const styles = task('styles::[env]')
        .args({ env: ['dev', 'prod'] })
        .outputs('dist/[env]/site.css')
        .action(async (_ctx, { env }) => ({ env }));
      export const serve = task('serve::[port]').args({ port }).defaults({ host: 'localhost' });
      export const wrapped = task('wrapped').wrap((done) => done());
      export const called = task('called').action((_ctx, _args, done) => done(null, 1));
      export const site = task('site::[env]')
        .args({ env: ['dev', 'prod'] })
        .deps(styles, ({ env }) => styles.of({ env }), NO_FAILURES)
        .action((ctx) => ctx.result(styles.of({ env: 'dev' })));
      gulp.task('dev', gulp.series(styles.gulp({ env: 'dev' }), serve.gulp({ port: 80 })));
      gulp.watch('src', styles.gulp({ env: 'prod' }));`,
  });
  assert.equal(compile(site), '');
  assert.match(site.read('dist/parprocfile.d.ts'), /const styles: import\("parproc"\)\.Steps</);
});

test('a build file that is wrong does not compile', () => {
  using site = new TempProject({
    'parprocfile.ts': `import { task } from 'parproc';
      const styles = task('styles::[env]').args({ env: ['dev', 'prod'] });
      styles.of({ env: 'qa' });`,
  });
  assert.match(compile(site), /parprocfile\.ts\(3,\d+\): error TS2322: Type '"qa"'/);
});
