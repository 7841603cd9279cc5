// Makes the script and the style of the page of `--report` from their sources, each in one file. They lie
// beside the module that reads them, and beside the bundle.
import { build } from 'esbuild';

for (const folder of ['dist/lib/report/page', 'dist/bundle/report/page']) {
  await build({
    entryPoints: { page: 'lib/report/page/main.ts' },
    outdir: folder,
    bundle: true,
    format: 'iife',
    target: 'es2022',
    minify: true,
    charset: 'utf8',
    legalComments: 'none',
  });
  await build({
    entryPoints: { page: 'lib/report/page/page.css' },
    outdir: folder,
    bundle: true,
    minify: true,
  });
}
