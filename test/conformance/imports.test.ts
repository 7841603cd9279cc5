import assert from 'node:assert/strict';
import { ImportTracker } from '../../lib/imports/import-tracker.ts';
import { TempProject } from '../rig/temp-project.ts';
import { rowInBothModes } from './row-in-both-modes.ts';
import { endOfRows, row } from './rows.ts';

// Python's imports become those of scripts and Sass; files under packages are not the build's own.

type Files = Readonly<Record<string, string>>;

function found(files: Files, ...entries: readonly string[]): string[] {
  using project = new TempProject(files);
  const workDir = project.folder;
  const tracker = new ImportTracker({
    workDir,
    roots: ['.'],
    finders: {},
    clock: () => Date.now(),
  });
  return tracker.importsOf(entries);
}

row('Y1', 'imports of imports are found, sorted', () => {
  const scripts = { 'a.ts': "import './c.js'", 'c.ts': "require('./b')", 'b.ts': '' };
  assert.deepEqual(found(scripts, 'a.ts'), ['b.ts', 'c.ts']);
  const sheets = { 'a.scss': "@use 'c'", '_c.scss': "@import 'b'", '_b.scss': '' };
  assert.deepEqual(found(sheets, 'a.scss'), ['_b.scss', '_c.scss']);
});

row('Y2', 'a file is not among its own imports, even if it imports itself', () => {
  assert.deepEqual(found({ 'a.js': "import './a.js'; import './b.js'", 'b.js': '' }, 'a.js'), [
    'b.js',
  ]);
});

row('Y3', 'packages and what belongs to Node and Sass are left out', () => {
  const files = {
    'a.js': "import 'fs'; import 'node:os'; import 'dep'; import './b.js'",
    'b.js': '',
    'node_modules/dep/index.js': '',
    'package.json': '{"type":"module"}',
  };
  assert.deepEqual(found(files, 'a.js'), ['b.js']);
  assert.deepEqual(
    found({ 'a.scss': "@use 'sass:math'; @import 'https://x.test/y.css'" }, 'a.scss'),
    [],
  );
});

row('Y4', 'relative imports lead from the folder of the importer, and into index files', () => {
  const files = {
    'p/a.ts': "import './sub'; import '../q'",
    'p/sub/index.ts': "export * from './x'",
    'p/sub/x.ts': '',
    'q.ts': '',
  };
  assert.deepEqual(found(files, 'p/a.ts'), ['p/sub/index.ts', 'p/sub/x.ts', 'q.ts']);
});

row('Y5', '(changed) a module below a folder is imported without the index files above it', () => {
  const files = {
    'a.js': "import './p/q/r.js'",
    'p/index.js': '',
    'p/q/index.js': '',
    'p/q/r.js': '',
  };
  assert.deepEqual(found(files, 'a.js'), ['p/q/r.js']);
});

row('Y6', 'what is exported on from another module is followed', () => {
  const files = {
    'a.ts': "import { x } from './p'",
    'p/index.ts': "export { x } from './x.js'",
    'p/x.ts': '',
  };
  assert.deepEqual(found(files, 'a.ts'), ['p/index.ts', 'p/x.ts']);
});

row('Y7', 'circles end', () => {
  const files = { 'a.js': "import './b.js'", 'b.js': "import './c.js'", 'c.js': "import './a.js'" };
  assert.deepEqual(found(files, 'a.js'), ['b.js', 'c.js']);
});

row('Y8', 'what cannot be parsed imports nothing', () => {
  assert.deepEqual(found({ 'a.scss': "@use 'b'; a {", '_b.scss': '' }, 'a.scss'), []);
  assert.deepEqual(found({ 'a.js': 'import from ((', 'b.js': '' }, 'a.js'), []);
});

row('Y9', 'what is not there imports nothing', () => {
  assert.deepEqual(found({}, 'a.js'), []);
  assert.deepEqual(found({ 'a.js': "import './none.js'; import './b.js'", 'b.js': '' }, 'a.js'), [
    'b.js',
  ]);
});

row('Y10', 'a file is looked at again when it has changed', () => {
  using project = new TempProject({ 'a.js': "import './b.js'", 'b.js': '', 'c.js': '' });
  const clock = () => Date.now();
  const tracker = new ImportTracker({ workDir: project.folder, roots: ['.'], finders: {}, clock });
  assert.deepEqual(tracker.importsOf(['a.js']), ['b.js']);
  project.write('a.js', "import './c.js'");
  assert.deepEqual(tracker.importsOf(['a.js']), ['c.js']);
});

const prelude = `
import { readFileSync, writeFileSync } from 'node:fs';
const put = (path, text) => isWorker || writeFileSync(path, text);
const again = async (...names) => {
  if (!isWorker) { clear(); define(); }
  const { tasks } = await run(...names);
  return names.map((name) => tasks.get(name).state);
};
// Taken apart, as the build file itself would seem to import them.
put('entry.js', 'imp' + "ort './part.js';");
put('part.js', 'imp' + "ort './deep.js';");
put('deep.js', 'one');
put('main.scss', "@use 'colors';");
put('_colors.scss', '$a: 1;');
`;

function cachedRow(
  id: string,
  title: string,
  options: string,
  program: string,
  told: readonly unknown[],
) {
  rowInBothModes(id, title, prelude + program, { told }, `cache: 'kept.sqlite'${options}`);
}

const edits = `
define();
await again('build');
const edited = [];
for (const file of ['deep.js', '_colors.scss', 'part.js']) {
  put(file, file === 'part.js' ? '' : readFileSync(file, 'utf8') + ' ');
  edited.push(...await again('build'));
}
tell(edited);
tell(await again('build'));`;

const build = (steps = '') =>
  `const define = () => task('build').inputs('entry.js', 'main.scss')${steps}.action(() => 1);`;
const runs = ['succeeded', 'succeeded', 'succeeded'];
const stays = ['up-to-date', 'up-to-date', 'up-to-date'];
const fresh = ['up-to-date'];

cachedRow('Y11', 'with the option, imports count', ', trackImports: true', build() + edits, [
  runs,
  fresh,
]);
cachedRow('Y12', 'without it they do not', '', build() + edits, [stays, fresh]);
cachedRow('Y13', 'a task may say that they do', '', build('.trackImports()') + edits, [
  runs,
  fresh,
]);
cachedRow(
  'Y14',
  'a task may say that they do not',
  ', trackImports: true',
  build('.trackImports(false)') + edits,
  [stays, fresh],
);
cachedRow(
  'Y15',
  'what is ignored does not count, though what it imports does',
  ", trackImports: true, globalIgnore: ['_*.scss']",
  build(".ignore('part.js')") + edits,
  [['succeeded', 'up-to-date', 'succeeded'], fresh],
);
cachedRow(
  'Y16',
  'an edit of an imported file runs the task once, whose own inputs stay what they are',
  ', trackImports: true',
  `const define = () => task('build').inputs('entry.js').action((ctx) => ctx.inputs);
   define();
   tell(await again('build'));
   tell(await again('build'));
   put('deep.js', 'two');
   tell(await again('build'));
   tell(await again('build'));
   tell(results().build);`,
  [['succeeded'], ['up-to-date'], ['succeeded'], ['up-to-date'], ['entry.js']],
);
cachedRow(
  'Y17',
  'with tracking off, an edit of an imported file changes nothing',
  ', trackImports: false',
  build() + edits,
  [stays, fresh],
);

endOfRows(import.meta.url);
