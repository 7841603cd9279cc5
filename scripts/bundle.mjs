// Joins the modules of `lib` into a few files, which is what users get: Node takes longer to find,
// read and link two hundred small modules than to run a build that has nothing to do.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { buildSync } from 'esbuild';

const folder = 'dist/bundle';

const { outputFiles } = buildSync({
  // Every file is one folder deep, as in `lib`: modules find others relative to their own URL.
  entryPoints: {
    'main/index': 'lib/index.ts',
    'pool/index': 'lib/pool/index.ts',
    'pool/pool-main': 'lib/pool/pool-main.ts',
    'run/open-session': 'lib/run/open-session.ts',
    'child/main': 'lib/child/main.ts',
  },
  chunkNames: 'chunks/[name]-[hash]',
  outdir: folder,
  bundle: true,
  splitting: true,
  packages: 'external',
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  logLevel: 'warning',
  write: false,
});

// What has not changed stays as it is, for whoever is just reading it.
const written = outputFiles.map(({ path, contents }) => {
  if (!isSame(path, contents)) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, contents);
  }
  return relative(resolve(folder), path);
});
for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
  if (name.endsWith('.js') && !written.includes(name)) rmSync(join(folder, name));
}

function isSame(path, contents) {
  try {
    return readFileSync(path).equals(contents);
  } catch {
    return false;
  }
}
