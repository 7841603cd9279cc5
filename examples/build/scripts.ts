import { build } from 'esbuild';

/** Bundles the scripts of the page: with a source map for development, minified for production. */
export async function buildScripts(from: string, to: string, env: 'dev' | 'prod'): Promise<void> {
  const isDev = env === 'dev';
  await build({
    entryPoints: [from],
    outfile: to,
    bundle: true,
    format: 'iife',
    target: 'es2022',
    minify: !isDev,
    sourcemap: isDev,
    logLevel: 'warning',
  });
}
