// Joins the modules of `lib` into a few files, which is what users get: Node takes longer to find,
// read and link two hundred small modules than to run a build that has nothing to do.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { build, buildSync, stop } from 'esbuild';

const folder = 'dist/bundle';

const options = {
  // Every file is one folder deep, as in `lib`: modules find others relative to their own URL.
  entryPoints: {
    'main/index': 'lib/index.ts',
    'pool/index': 'lib/pool/index.ts',
    'pool/pool-main': 'lib/pool/pool-main.ts',
    'run/open-session': 'lib/run/open-session.ts',
    'child/main': 'lib/child/main.ts',
    'grunt/index': 'lib/grunt/index.ts',
    'plugins/index': 'plugins/index.ts',
    'plugins/run-plugin': 'plugins/run-plugin.ts',
    'plugins/transform-files': 'plugins/transform-files.ts',
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
};

/** Whatever is loaded in one go with `entry`. */
function loadedWith(entry, { inputs }) {
  const found = new Set();
  const pending = [entry];
  for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
    if (found.has(path)) continue;
    found.add(path);
    for (const { path: next, kind, external } of inputs[path].imports) {
      if (kind === 'import-statement' && !external) pending.push(next);
    }
  }
  return [...found];
}

/** What is only loaded when the main module has been. Not so workers, which it asks what it is in. */
function lateIn({ inputs }) {
  const late = Object.values(inputs).flatMap(({ imports }) =>
    imports.filter(({ kind }) => kind === 'dynamic-import').map(({ path }) => path),
  );
  return new Set([...late, 'lib/run/open-session.ts']);
}

/**
 * What several entries share gets a file for each set of entries that share it. Since late ones find all
 * of the main module loaded, they may as well be said to need all of it: so its parts stay together.
 */
function keepTogether(metafile) {
  const main = loadedWith('lib/index.ts', metafile);
  const late = lateIn(metafile);
  return {
    name: 'keep-together',
    setup(plugin) {
      plugin.onLoad({ filter: /\.ts$/ }, ({ path }) => {
        if (!late.has(relative('.', path))) return undefined;
        const imports = main.map((each) => `import ${JSON.stringify(resolve(each))};`);
        return { contents: `${readFileSync(path, 'utf8')}\n${imports.join('\n')}`, loader: 'ts' };
      });
    },
  };
}

const { metafile } = buildSync({ ...options, metafile: true });
const { outputFiles } = await build({ ...options, plugins: [keepTogether(metafile)] });
await stop();

// What has not changed stays as it is, for whoever is just reading it.
const written = outputFiles.map(({ path, contents }) => {
  if (!isSame(path, contents)) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, contents);
  }
  return relative(resolve(folder), path);
});
for (const name of readdirSync(join(folder, 'chunks'))) {
  if (!written.includes(join('chunks', name))) rmSync(join(folder, 'chunks', name));
}

function isSame(path, contents) {
  try {
    return readFileSync(path).equals(contents);
  } catch {
    return false;
  }
}
