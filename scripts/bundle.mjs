// Joins the modules of `lib` into two files, which is what users get: Node takes longer to find, read and
// link two hundred small modules than to run a build that has nothing to do. The first file is all that such
// a run needs. They are CommonJS, since only so can V8 be given what it has compiled of them before
// (`lib/bundle/code-cache.ts`).
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { build, stop } from 'esbuild';

const folder = 'dist/bundle';

// Every file is one folder deep, as in `lib`: modules find others relative to their own URL.
const parts = {
  'main/index': 'lib/index.ts',
  'pool/index': 'lib/pool/index.ts',
  'pool/pool-main': 'lib/pool/pool-main.ts',
  'child/main': 'lib/child/main.ts',
  'grunt/index': 'lib/grunt/index.ts',
  'plugins/index': 'plugins/index.ts',
  'plugins/run-plugin': 'plugins/run-plugin.ts',
  'plugins/transform-files': 'plugins/transform-files.ts',
};

/** The modules that a run with nothing to do has a use for, which `find-first-modules.mjs` finds. */
const first = JSON.parse(readFileSync('scripts/first-modules.json', 'utf8'));

const options = {
  bundle: true,
  packages: 'external',
  platform: 'node',
  target: 'node20.19',
  logLevel: 'warning',
  write: false,
};

const require = createRequire(import.meta.url);

/** Copies of `process` for each module that imports it take a while to make, and its properties are slower. */
const sameProcess = {
  name: 'same-process',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:process$/ }, ({ path }) => ({ path, namespace: 'global' }));
    onLoad({ filter: /./, namespace: 'global' }, () => ({ contents: 'export default process;' }));
  },
};

/** See `importHere` of the loader. */
const importsOutside = {
  name: 'imports-outside',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]import-late\.ts$/ }, () => ({
      contents: 'export const importLate = coreImport;',
    }));
  },
};

/** Esbuild takes all of what `require` gives for the default export, which in ES modules is one of many. */
const defaultsOfModules = {
  name: 'defaults-of-modules',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^[^./]/ }, async ({ path, kind, namespace }) =>
      kind === 'import-statement' && namespace === 'file' && (await hasDefaultInside(path))
        ? { path, namespace: 'es-module' }
        : undefined,
    );
    onLoad({ filter: /./, namespace: 'es-module' }, ({ path }) => {
      const name = JSON.stringify(path);
      const contents = `export * from ${name};\nexport { default } from ${name};`;
      return { contents, resolveDir: '.' };
    });
  },
};

const { metafile } = await build({
  ...options,
  entryPoints: parts,
  outdir: folder,
  format: 'esm',
  metafile: true,
});
/** All that the first file holds: the other one holds the rest. */
const inFirst = new Set(first.filter((path) => path in metafile.inputs));
/** What modules export: they are loaded from the other file when something of it is first used. */
const exportsOf = await allExports();
/** What is loaded in one go, by the module that it begins with. */
const pieces = [
  ...new Set([
    ...Object.values(parts),
    ...Object.values(metafile.inputs).flatMap(({ imports }) =>
      imports
        .filter(({ kind, external }) => kind === 'dynamic-import' && !external)
        .map(({ path }) => path),
    ),
  ]),
];
/** For each there is a byte in the cache, before data that V8 wants aligned to 8 bytes: 4 less than that. */
const mostPieces = 60;
/** The file itself is one: in the second, modules may be used that belong to no other. */
if (pieces.length >= mostPieces) throw new Error(`The core has ${pieces.length} pieces`);

/** Has the core tell which pieces of it were loaded. */
const tellsPieces = {
  name: 'tells-pieces',
  setup({ onLoad }) {
    onLoad({ filter: /\.ts$/ }, ({ path }) => {
      const piece = pieces.indexOf(modulePath(path));
      if (piece === -1) return undefined;
      return { contents: `${readFileSync(path, 'utf8')}\ncoreLoaded[${piece}] = 1;`, loader: 'ts' };
    });
  },
};

const sourcesDigest = digestOf(Object.keys(metafile.inputs).map((path) => readFileSync(path)));
const cores = [await buildCore('core', true), await buildCore('rest', false)];
const written = [...cores, await buildLoader(cores), ...doors()];
await stop();
writeAll(written);

/**
 * One of the two files, of which a module is run when it is asked for: `require` makes each wait for that. A
 * module of the other file is asked for there.
 */
async function buildCore(name, isFirst) {
  const isHere = (path) => inFirst.has(path) === isFirst;
  const asked = [...wantedFrom(isFirst)];
  const lines = asked.map((path) => `${JSON.stringify(path)}: () => require('./${path}'),`);
  const elsewhere = {
    name: 'elsewhere',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /\.ts$/ }, ({ resolveDir, path }) => {
        const module = modulePath(join(resolveDir, path));
        return isHere(module) ? undefined : { path: module, namespace: 'elsewhere' };
      });
      onLoad({ filter: /./, namespace: 'elsewhere' }, ({ path }) => ({
        contents: `module.exports = coreOther(${JSON.stringify(path)}, ${JSON.stringify(exportsOf.get(path))});`,
      }));
    },
  };
  const { outputFiles, metafile } = await build({
    ...options,
    metafile: true,
    stdin: {
      contents: `export const modules = {${lines.join('\n')}}; export const loaded = coreLoaded;`,
      resolveDir: '.',
    },
    outfile: join(folder, `core/${name}.cjs`),
    format: 'cjs',
    // It is less to read, and to keep. Lines stay short enough to be shown.
    minifyWhitespace: !process.argv.includes('--plain'),
    lineLimit: 120,
    define: {
      'import.meta.url': 'coreUrl',
      sourcesDigest: JSON.stringify(sourcesDigest),
    },
    // A function, so that V8 need not be given a copy of all of it with one around it.
    banner: {
      js: `(function (exports, require, module, __filename, __dirname, coreImport, coreOther) {"use strict";
const coreUrl = require("node:url").pathToFileURL(__filename).href;
const coreLoaded = new Uint8Array(${pieces.length + 1});
coreLoaded[${pieces.length}] = 1;`,
    },
    footer: { js: '})' },
    plugins: [elsewhere, defaultsOfModules, sameProcess, importsOutside, tellsPieces],
  });
  const [{ imports }] = Object.values(metafile.outputs);
  const wrong = imports.find(({ kind }) => kind === 'dynamic-import');
  if (wrong !== undefined) throw new Error(`'${wrong.path}' has to be imported by importLate()`);
  return outputFiles[0];
}

async function allExports() {
  const modules = Object.keys(metafile.inputs);
  const { metafile: alone } = await build({
    entryPoints: modules,
    outdir: 'unused',
    outbase: '.',
    format: 'esm',
    metafile: true,
    write: false,
  });
  return new Map(
    Object.values(alone.outputs).map(({ entryPoint, exports }) => [entryPoint, exports]),
  );
}

/** What users import of one of the two files, and what the other one does. */
function wantedFrom(isFirst) {
  const wanted = new Set(Object.values(parts));
  for (const [path, { imports }] of Object.entries(metafile.inputs)) {
    if (inFirst.has(path) === isFirst) continue;
    for (const { path: found, external } of imports) if (external !== true) wanted.add(found);
  }
  return [...wanted].filter((path) => inFirst.has(path) === isFirst);
}

function digestOf(texts) {
  const hash = createHash('sha256');
  for (const text of texts) hash.update(text);
  return hash.digest('hex').slice(0, 16);
}

async function buildLoader(files) {
  const { outputFiles } = await build({
    ...options,
    entryPoints: ['lib/bundle/load-module.ts'],
    outfile: join(folder, 'core/load-module.cjs'),
    format: 'cjs',
    define: {
      coreEdition: JSON.stringify(digestOf(files.map(({ contents }) => contents))),
      mostPieces: String(mostPieces),
    },
    plugins: [sameProcess],
  });
  return outputFiles[0];
}

/**
 * The ES modules by which parts are imported. They import nothing, since each import costs something, of
 * what Node has built in too.
 */
function doors() {
  return Object.entries(metafile.outputs).map(([path, { exports }]) => {
    const part = relative(folder, path).slice(0, -'.js'.length);
    return { path: resolve(path), contents: Buffer.from(doorTo(parts[part], exports)) };
  });
}

function doorTo(module, exports) {
  const names = exports.length === 0 ? '' : `export const { ${exports.join(', ')} } = `;
  return `const { createRequire } = process.getBuiltinModule('node:module');
const { loadModule } = createRequire(import.meta.url)('../core/load-module.cjs');
${names}loadModule('${inFirst.has(module) ? 'core' : 'rest'}', ${JSON.stringify(module)});
`;
}

/** As it is named everywhere here. */
function modulePath(path) {
  return relative('.', path).replaceAll(sep, '/');
}

/** What `require` gives of ES modules, and of packages that have a CommonJS edition as well. */
async function hasDefaultInside(name) {
  const exports = await import(name);
  return 'default' in exports && exports.default !== require(name);
}

/** What has not changed stays as it is, for whoever is just reading it. What is not made any more goes. */
function writeAll(files) {
  for (const { path, contents } of files) {
    if (isSame(path, contents)) continue;
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, contents);
  }
  const made = new Set(files.map(({ path }) => path));
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const path = resolve(folder, name);
    const isPage = name.startsWith(`report${sep}page`);
    if (/\.c?js$/.test(name) && !isPage && !made.has(path)) rmSync(path);
  }
}

function isSame(path, contents) {
  try {
    return readFileSync(path).equals(contents);
  } catch {
    return false;
  }
}
