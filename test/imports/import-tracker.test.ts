import assert from 'node:assert/strict';
import { utimesSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { importMemory } from '../../lib/cache/import-memory.ts';
import { type ImportFinder, ImportTracker } from '../../lib/imports/import-tracker.ts';
import { TempProject } from '../rig/temp-project.ts';

type Files = Readonly<Record<string, string>>;

interface Options {
  readonly roots?: readonly string[];
  readonly finders?: Readonly<Record<string, ImportFinder>>;
}

function trackerOf(project: TempProject, { roots = ['.'], finders = {} }: Options = {}) {
  return new ImportTracker({ workDir: project.folder, roots, finders, clock: () => Date.now() });
}

/** What the first of some files imports. */
function importsIn(files: Files, options: Options = {}): string[] {
  using project = new TempProject(files);
  return trackerOf(project, options).importsOf([Object.keys(files)[0] ?? '']);
}

const cases: Record<string, { files: Files; found: string[]; options?: Options }> = {
  'a chain is followed, sorted, without the file itself': {
    files: { 'b.js': "import './c.js';", 'c.js': "import './a.js';", 'a.js': '' },
    found: ['a.js', 'c.js'],
  },
  'packages and builtins are left out': {
    files: {
      'a.js':
        "import 'node:fs'; import 'fs'; import 'gulp'; import './b.js'; import './node_modules/x/y.js';",
      'b.js': '',
      'node_modules/x/y.js': '',
    },
    found: ['b.js'],
  },
  'extensions and index files may be left out': {
    files: {
      'src/a.ts': "import x from './lib'; import y from '../top'; export * from './z';",
      'src/lib/index.ts': '',
      'src/lib.unused.ts': '',
      'top.tsx': '',
      'src/z.mjs': '',
      'src/z/index.js': '',
    },
    found: ['src/lib/index.ts', 'src/z.mjs', 'top.tsx'],
  },
  'a folder with package.json leads to its main file': {
    files: {
      'a.cjs': "require('./part')",
      'part/package.json': '{"main":"lib/m.js"}',
      'part/lib/m.js': '',
    },
    found: ['part/lib/m.js'],
  },
  'what is exported on is imported': {
    files: {
      'a.ts':
        "export { x } from './x.js'; export * as y from './y.js'; import type { T } from './t.js';",
      'x.ts': '',
      'y.ts': '',
      't.ts': '',
    },
    found: ['t.ts', 'x.ts', 'y.ts'],
  },
  'circles end': {
    files: {
      'a.js': "import './b.js'",
      'b.js': "import './a.js'; import './c.js'",
      'c.js': "import './b.js'",
    },
    found: ['b.js', 'c.js'],
  },
  'what cannot be parsed imports nothing': {
    files: { 'a.scss': "@use 'b'; a { ", 'b.scss': '' },
    found: [],
  },
  'what is not there imports nothing': { files: { 'a.js': "import './none.js'" }, found: [] },
  'dynamic imports and require count with literals only': {
    files: {
      'a.ts':
        "import('./b.js'); import(`./c.js`); require('./d'); require.resolve('./e'); import('./' + x); require(y); const f = async (): Promise<void> => { await import('./f'); };",
      'b.ts': '',
      'c.ts': '',
      'd.json': '{}',
      'e.js': '',
      'f.ts': '',
    },
    found: ['b.ts', 'c.ts', 'd.json', 'e.js', 'f.ts'],
  },
  'imports as TypeScript alone has them count': {
    files: {
      'a.ts': "import b = require('./b'); type C = import('./c').C; export { b };",
      'b.ts': '',
      'c.ts': '',
    },
    found: ['b.ts', 'c.ts'],
  },
  'what bundlers are told behind a question mark is no part of the path': {
    files: { 'a.js': "import './b.svg?raw'; import './c?x=1&y';", 'b.svg': '', 'c.js': '' },
    found: ['b.svg', 'c.js'],
  },
  'a tsconfig that cannot be read or extends what is not there hides no relative import': {
    files: {
      'a/x.ts': "import './y'; import '../b/x';",
      'a/y.ts': '',
      'a/tsconfig.json': '{ no json',
      'b/x.ts': "import './y';",
      'b/y.ts': '',
      'b/tsconfig.json': '{"extends":"@tsconfig/none"}',
    },
    found: ['a/y.ts', 'b/x.ts', 'b/y.ts'],
  },
  'strings and comments that look like imports do not count': {
    files: {
      'a.js': "// import './b.js'\nconst x = \"import './b.js'\"; /* require('./b.js') */",
      'b.js': '',
    },
    found: [],
  },
  'JSX is read': {
    files: {
      'a.tsx': "import B from './b'; export const A = () => <B text='import x from \"./c\"'/>;",
      'b.jsx': '',
      'c.js': '',
    },
    found: ['b.jsx'],
  },
  'paths of a tsconfig are followed': {
    files: {
      'src/a.ts': "import '@lib/b'; import '@lib/deep/c';",
      'tsconfig.json': '{"compilerOptions":{"paths":{"@lib/*":["./packages/lib/*"]}}}',
      'packages/lib/b.ts': '',
      'packages/lib/deep/c.ts': '',
    },
    found: ['packages/lib/b.ts', 'packages/lib/deep/c.ts'],
  },
  'roots are where else scripts are looked for, and bounds': {
    files: {
      'app/a.js': "import 'shared/b.js'; import '../outside.js';",
      'lib/shared/b.js': '',
      'outside.js': '',
    },
    options: { roots: ['app', 'lib'] },
    found: ['lib/shared/b.js'],
  },
  'Sass: use, forward and import find partials and index files': {
    files: {
      's/a.scss':
        "@use 'b'; @use 'sass:math'; @forward 'c' show $x; @import 'd', 'e/f'; @use 'g' with ($x: 'h');",
      's/_b.scss': '',
      's/c.sass': '',
      's/_d.css': '',
      's/e/_f.scss': '',
      's/g/_index.scss': "@use '../b';",
      's/h.scss': '',
    },
    found: ['s/_b.scss', 's/_d.css', 's/c.sass', 's/e/_f.scss', 's/g/_index.scss'],
  },
  'Sass: load paths are the roots; comments and packages do not count': {
    files: {
      's/a.scss':
        "// @use 'no';\n/* @use 'no'; */\n@use 'vars'; @use 'pkg:x'; @import 'https://x/y.css';\n.a { @include meta.load-css('theme'); }",
      's/no.scss': '',
      'paths/_vars.scss': '',
      'paths/theme.scss': '',
    },
    options: { roots: ['s', 'paths'] },
    found: ['paths/_vars.scss', 'paths/theme.scss'],
  },
  'Sass: import finds files that are for import only, and what use would find': {
    files: {
      'a.scss': "@import 'b'; @import 'c.scss';",
      '_b.scss': '',
      '_b.import.scss': "@forward 'b';",
      '_c.scss': '',
      '_c.import.scss': '',
    },
    found: ['_b.import.scss', '_b.scss', '_c.import.scss', '_c.scss'],
  },
  'the indented syntax of Sass': {
    files: {
      'a.sass': "@use 'b'\n@import c, d\n.x\n  color: red\n",
      '_b.sass': '',
      'c.sass': '',
      '_d.scss': '',
    },
    found: ['_b.sass', '_d.scss', 'c.sass'],
  },
  'CSS: import with url or string, and composes of CSS modules': {
    files: {
      'a.css':
        "@import 'b.css'; @import url(c.css) screen; @import url('d.css'); .x { composes: y from './e.css'; background: url(f.css); }",
      'b.css': '',
      'c.css': '',
      'd.css': '',
      'e.css': '',
      'f.css': '',
    },
    found: ['b.css', 'c.css', 'd.css', 'e.css'],
  },
  'Less: import with options, mixins are understood': {
    files: {
      'a.less': '@import (reference) "b"; .m() { color: red; } .x { .m(); } @import url("c.css");',
      'b.less': '',
      'c.css': '',
    },
    found: ['b.less', 'c.css'],
  },
  'Less: plugins are scripts, and what the parser does not know hides nothing': {
    files: {
      'a.less':
        "@plugin 'p';\n  // @import 'no';\n@import (reference) 'b';\n/* @import 'no'; */\neach(@list, { .x-@{value} { a: b; } });\n@import 'c.less';",
      'p.js': "require('./q')",
      'q.js': '',
      'b.less': "@plugin './p.js';",
      'c.less': '',
      'no.less': '',
    },
    found: ['b.less', 'c.less', 'p.js', 'q.js'],
  },
  'Nunjucks, gulp-file-include and server side includes': {
    files: {
      'p/a.html':
        '{% extends "base.njk" %}{%- include \'./b.html\' -%}{% from "m.njk" import x %}@@include(\'c.html\', {})<!--#include file="d.html" -->',
      'p/b.html': '',
      'p/c.html': '{% import "/m.njk" as m %}',
      'p/d.html': '',
      't/base.njk': '',
      't/m.njk': '',
    },
    options: { roots: ['p', 't'] },
    found: ['p/b.html', 'p/c.html', 'p/d.html', 't/base.njk', 't/m.njk'],
  },
  Pug: {
    files: {
      'a.pug': 'extends /layout\nblock x\n  include b\n  include:markdown-it c.md\n',
      'b.pug': '',
      'c.md': '',
      'layout.pug': '',
    },
    found: ['b.pug', 'c.md', 'layout.pug'],
  },
  'a finder of the user for another extension': {
    files: { 'a.tpl': 'uses: b.tpl', 'b.tpl': '' },
    options: {
      finders: { '.tpl': (text) => [text.replace('uses: ', '')].filter((name) => name !== '') },
    },
    found: ['b.tpl'],
  },
};

for (const [title, { files, found, options }] of Object.entries(cases)) {
  test(title, () => assert.deepEqual(importsIn(files, options), found));
}

test('a file is read again when it changes, and what appears is found', () => {
  using project = new TempProject({ 'a.js': "import './b.js'", 'b.js': '', 'c.js': '' });
  const tracker = trackerOf(project);
  assert.deepEqual(tracker.importsOf(['a.js']), ['b.js']);
  project.write('a.js', "import './c.js'; import './d.js'");
  assert.deepEqual(tracker.importsOf(['a.js']), ['c.js']);
  project.write('d.js', '');
  assert.deepEqual(tracker.importsOf(['a.js']), ['c.js', 'd.js']);
  project.remove('c.js');
  assert.deepEqual(tracker.importsOf(['a.js']), ['d.js']);
});

test('a file is not read again as long as stat tells that nothing has changed', () => {
  using project = new TempProject({ 'a.tpl': 'b.tpl', 'b.tpl': '' });
  let reads = 0;
  const finders = {
    '.tpl': (text: string) => {
      reads += 1;
      return text === '' ? [] : [text];
    },
  };
  const later = Date.now() + 10_000;
  const tracker = new ImportTracker({
    workDir: project.folder,
    roots: ['.'],
    finders,
    clock: () => later,
  });
  assert.deepEqual(
    [tracker.importsOf(['a.tpl']), tracker.importsOf(['a.tpl'])],
    [['b.tpl'], ['b.tpl']],
  );
  assert.equal(reads, 2);
  utimesSync(join(project.folder, 'a.tpl'), 1, 1);
  tracker.importsOf(['a.tpl']);
  assert.equal(reads, 3);
});

test('what files import lasts from one process to the next, as long as stat tells that they have not changed', () => {
  using project = new TempProject({
    'a.js': "import './b.js'",
    'b.js': '',
    'c.js': '',
    'd.tpl': 'b.js',
  });
  const memory = importMemory(join(project.folder, 'cache/imports'));
  let reads = 0;
  const finders = {
    '.tpl': (text: string) => {
      reads += 1;
      return [text];
    },
  };
  const next = () =>
    new ImportTracker({
      workDir: project.folder,
      roots: ['.'],
      finders,
      clock: () => Date.now() + 10_000,
      memory,
    });
  const first = next();
  assert.deepEqual(first.importsOf(['a.js', 'd.tpl']), ['b.js']);
  first.save();
  const kept = memory.read() ?? '';
  assert.ok(kept.includes('./b.js'));
  // Shows that the file is not read.
  memory.write(kept.replace('./b.js', './c.js'));
  assert.deepEqual(next().importsOf(['a.js']), ['c.js']);
  next().importsOf(['d.tpl']);
  assert.equal(reads, 2, 'functions of the user are asked again');

  project.write('cache/imports', project.read('cache/imports').replace('./c.js', './d.js'));
  assert.deepEqual(next().importsOf(['a.js']), ['b.js'], 'damaged');
  memory.write(kept.replace(/"schema":\d+/, '"schema":0').replace('./b.js', './c.js'));
  assert.deepEqual(next().importsOf(['a.js']), ['b.js'], 'of another version');
  memory.write(kept);
  project.write('a.js', "import './c.js'");
  assert.deepEqual(next().importsOf(['a.js']), ['c.js']);
});

test('an error of the finder of a user is not hidden', () => {
  const finders = {
    '.tpl': () => {
      throw new Error('finder broke');
    },
  };
  assert.throws(() => importsIn({ 'a.tpl': '' }, { finders }), /finder broke/);
});
