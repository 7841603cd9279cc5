import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inputFiles, outputFiles } from '../../lib/cache/declared-files.ts';
import { Scene } from './scene.ts';

/** What the inputs of a task stand for in a folder with these files. */
function found(
  files: readonly string[],
  inputs: readonly string[],
  { ignore = [], outputs = [] }: { ignore?: readonly string[]; outputs?: readonly string[] } = {},
): string[] {
  using scene = new Scene();
  for (const file of files) scene.write(`w/${file}`, '');
  return inputFiles(scene.node({ inputs, ignore, outputs }), scene.at('w'));
}

test('inputs are sorted and named once, however often they are declared', () => {
  assert.deepEqual(found(['b', 'a'], ['b', '*', './a', 'a/']), ['a', 'b']);
});

test('what is negated or ignored is taken out, wherever it stands', () => {
  const files = ['src/a.ts', 'src/b.ts', 'src/gen/c.ts', 'src/gen2/d.ts'];
  const inputs = ['!**/b.ts', 'src/**'];
  assert.deepEqual(found(files, inputs, { ignore: ['src/gen'] }), ['src/a.ts', 'src/gen2/d.ts']);
  assert.deepEqual(found(files, inputs, { ignore: ['./src/gen*/'] }), [
    'src/a.ts',
    'src/gen/c.ts',
    'src/gen2/d.ts',
  ]);
  assert.deepEqual(found(files, inputs, { ignore: ['src/**'] }), []);
  assert.deepEqual(found(files, inputs, { ignore: ['.'] }), []);
});

test('own outputs are no inputs, be they files, folders or globs', () => {
  const files = ['a.js', 'a.min.js', 'dist/x.js'];
  const outputs = ['*.min.js', 'dist'];
  assert.deepEqual(found(files, ['**/*.js'], { outputs }), ['a.js']);
});

test('escaped glob characters and names of existing files are taken as they are', () => {
  const files = ['[id].ts', 'i.ts', '[slug]/a', 's/a'];
  assert.deepEqual(found(files, ['[id].ts']), ['[id].ts']);
  assert.deepEqual(found(files, ['\\[id\\].ts']), ['[id].ts']);
  assert.deepEqual(found(files, ['[slug]']), ['[slug]/a']);
  assert.deepEqual(found(files, ['*/*'], { ignore: ['[slug]'] }), ['s/a']);
  assert.deepEqual(found(files, ['*.ts'], { outputs: ['\\[id\\].ts'] }), ['i.ts']);
});

test('brackets that name nothing are a glob class; `!(...)` is a glob, not a negation', () => {
  assert.deepEqual(found(['a.ts', 'b.ts', 'c.ts'], ['[ab].ts']), ['a.ts', 'b.ts']);
  assert.deepEqual(found(['src/a', 'lib/a'], ['!(src)/a']), ['lib/a']);
});

test('hidden files are in folders, not in globs; what git and parproc keep is in neither', () => {
  const files = ['d/.h', 'd/a', 'd/.git/x', 'd/.parproc/y', '.git/z', '.parproc/z'];
  assert.deepEqual(found(files, ['d/**']), ['d/a']);
  assert.deepEqual(found(files, ['d']), ['d/.h', 'd/a']);
  assert.deepEqual(found(files, ['.']), ['d/.h', 'd/a']);
  assert.deepEqual(found(files, ['.git']), ['.git/z']);
});

test('paths may lead out of the working directory, and may be absolute', () => {
  using scene = new Scene();
  scene.write('other/a', '');
  scene.write('w/b', '');
  const inputs = ['../other/*', scene.at('other'), scene.at('w/b'), '../other/c'];
  const ignore = ['../other/**/d', '../e'];
  const node = scene.node({ inputs, ignore, outputs: [] });
  assert.deepEqual(inputFiles(node, scene.at('w')), ['../other/a', '../other/c', 'b']);
});

test('functions give inputs from the arguments and the name', () => {
  using scene = new Scene();
  const node = scene.node({
    name: 'n',
    args: { x: 7 },
    context: { name: 'n', params: {} },
    inputs: [({ x }, { name }) => [`${name}-${String(x)}`]],
  });
  assert.deepEqual(inputFiles(node, scene.folder), ['n-7']);
});

test('a pattern with too many alternatives is refused instead of expanded', () => {
  const bomb = '{a,b}'.repeat(20);
  for (const declared of [() => found([], [bomb]), () => found([], ['*'], { ignore: [bomb] })]) {
    assert.throws(declared, /stands for more than 10000 alternatives/);
  }
  assert.deepEqual(found(['a'], ['{1..100000000}', '{{a,b},{a,b}}', 'a']), ['a']);
});

test('outputs are files that are there; what stands for nothing is missing', () => {
  using scene = new Scene();
  scene.write('dist/a', '');
  scene.write('dist/.b', '');
  scene.link('dangling', 'nowhere');
  assert.deepEqual(outputFiles(['dist', 'dist/*', 'no', 'no/*', 'dangling'], scene.folder), {
    files: ['dist/.b', 'dist/a'],
    missing: ['no', 'no/*', 'dangling'],
  });
});
