import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { test } from 'node:test';
import { repository } from './rig/temp-project.ts';

/** Which folders of `lib` each folder may import, besides itself. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  base: [],
  bundle: [],
  model: ['base'],
  dsl: ['base', 'model'],
  graph: ['base', 'model'],
  plan: ['base', 'model', 'graph'],
  imports: ['base'],
  cache: ['base', 'model', 'imports'],
  pool: ['base', 'bundle', 'model'],
  report: ['base', 'model'],
  run: ['base', 'model', 'graph', 'plan', 'imports', 'cache', 'pool', 'report'],
  child: ['base', 'bundle', 'model', 'dsl', 'pool'],
  watch: ['base', 'model', 'graph', 'run'],
  build: ['base', 'model', 'dsl', 'run', 'watch'],
  gulp: ['base', 'model', 'dsl', 'run', 'build'],
  grunt: ['base', 'model', 'dsl', 'run', 'build'],
};

const lib = join(repository, 'lib');
const files = readdirSync(lib, { recursive: true, encoding: 'utf8' }).filter((name) =>
  name.endsWith('.ts'),
);

test('imports point only where the table allows', () => {
  const wrong = files.flatMap((file) => {
    const [folder = '', inner] = file.split('/');
    if (inner === undefined) return [];
    const allowed = [folder, ...(mayImport[folder] ?? [])];
    return importsOf(file)
      .filter((target) => !allowed.includes(target.split('/')[0] ?? ''))
      .map((target) => `${file} imports ${target}`);
  });
  assert.deepEqual(wrong, []);
});

test('every folder of lib is in the table', () => {
  const folders = new Set(
    files.flatMap((file) => (file.includes('/') ? [file.split('/')[0]] : [])),
  );
  assert.deepEqual([...folders].sort(), Object.keys(mayImport).sort());
});

test('plugins stand on what is public', () => {
  const wrong = readdirSync(join(repository, 'plugins')).flatMap((file) =>
    importsOf(join('../plugins', file)).filter(
      (target) =>
        !/^(?:index\.ts|pool\/index\.ts|\.\.\/plugins\/[\w-]+\.ts)$/.test(
          target.replace(/^\.\.\/lib\//, ''),
        ),
    ),
  );
  assert.deepEqual(wrong, []);
});

function importsOf(file: string): string[] {
  const text = readFileSync(join(lib, file), 'utf8');
  const specifiers = text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g);
  return [...specifiers].map(([, path = '']) => normalize(join(dirname(file), path)));
}
