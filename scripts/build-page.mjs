// Makes the script and the style of the page of `--report` from their sources, each in one file.
import { build } from 'esbuild';

await build({
  entryPoints: { page: 'lib/report/page/main.ts' },
  outdir: 'dist/lib/report/page',
  bundle: true,
  format: 'iife',
  target: 'es2022',
  minify: true,
  charset: 'utf8',
  legalComments: 'none',
});
await build({
  entryPoints: { page: 'lib/report/page/page.css' },
  outdir: 'dist/lib/report/page',
  bundle: true,
  minify: true,
});
