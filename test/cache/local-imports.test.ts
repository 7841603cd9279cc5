import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DefinitionDigests } from '../../lib/cache/definition-digest.ts';
import { localImports } from '../../lib/cache/local-imports.ts';
import { define } from '../graph/catalog.ts';
import { Scene } from './scene.ts';

/** The names of files that `text`, in a folder with `files`, imports. */
function importsOf(text: string, files: readonly string[]): string[] {
  using scene = new Scene();
  for (const file of files) scene.write(`src/${file}`, '');
  return localImports(scene.at('src/main.ts'), text).map((path) =>
    path.replace(`${scene.at('src')}/`, ''),
  );
}

const clock = (): number => 0;

test('every form of import by a relative path is found', () => {
  const text = `
    import a, { type b } from './a.ts'; import './b.ts'; export * from "./c.ts";
    export { x } from
      './d.ts';
    const e = await import('./e.ts'), f = require( \`./f.ts\` ), { g } = require('./deep/../g.ts');
    import type { H } from './h.ts';
  `;
  const files = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((name) => `${name}.ts`);
  assert.deepEqual(importsOf(text, files), files);
});

test('specifiers are resolved as TypeScript and Node do', () => {
  const one = (specifier: string, files: string[]) =>
    importsOf(`import '${specifier}'`, files).join();
  assert.equal(one('./a.js', ['a.ts']), 'a.ts');
  assert.equal(one('./a.js', ['a.js', 'a.ts']), 'a.js');
  assert.equal(one('./a.mjs', ['a.mts']), 'a.mts');
  assert.equal(one('./a.cjs', ['a.cts']), 'a.cts');
  assert.equal(one('./a.jsx', ['a.tsx']), 'a.tsx');
  assert.equal(one('./a.b', ['a.b.ts']), 'a.b.ts');
  assert.equal(one('./a', ['a.json']), 'a.json');
  assert.equal(one('./a', ['a/index.ts']), 'a/index.ts');
  assert.equal(one('.', ['index.js']), 'index.js');
});

test('packages, internal names and missing files are left out', () => {
  assert.deepEqual(importsOf("import 'gulp'; import '#x'; import './no'; import './in$'", []), []);
});

test('a cycle of imports ends, and every module in it counts', () => {
  using scene = new Scene();
  scene.write('a.mjs', "import './b.mjs'");
  scene.write('b.mjs', "import './a.mjs'; import './c.json'");
  scene.write('c.json', '1');
  const definition = define('t', { place: { file: scene.at('a.mjs'), line: 1, column: 1 } });
  const digest = () =>
    new DefinitionDigests({ workDir: scene.folder, clock }).factsOf(definition).digest;
  const before = digest();
  assert.equal(digest(), before);
  scene.write('c.json', '2');
  assert.notEqual(digest(), before);
});

test('a definition whose file is unknown has a digest all the same', () => {
  const definition = define('t', { place: { file: 'unknown', line: 0, column: 0 } });
  assert.match(
    new DefinitionDigests({ workDir: '/', clock }).factsOf(definition).digest,
    /^[0-9a-f]{64}$/,
  );
});
