import assert from 'node:assert/strict';
import { mkdirSync, renameSync, utimesSync } from 'node:fs';
import { test } from 'node:test';
import { GlobResults } from '../../lib/cache/glob-results.ts';
import { Scene } from './scene.ts';

function results(scene: Scene): GlobResults {
  return new GlobResults(() => scene.now, true);
}

function query(scene: Scene) {
  return { globs: ['src/**/*.css'], cwd: scene.folder, dot: false, ignore: [] };
}

/** What a process finds that has been left `text`; and what it leaves itself. */
function found(scene: Scene, text: string): { files: string[]; text: string | undefined } {
  const globs = results(scene);
  globs.restore(text);
  const files = [...globs.find(query(scene))].toSorted();
  return { files, text: globs.takeText() };
}

function scene(): Scene {
  const place = new Scene();
  for (const path of ['src/a.css', 'src/deep/b.css', 'src/deep/c.txt']) place.write(path, '');
  return place;
}

test('what globs found is found again without a search, in this process and the next', () => {
  using place = scene();
  const first = found(place, '');
  assert.deepEqual(first.files, ['src/a.css', 'src/deep/b.css']);
  assert.ok(first.text);
  // Nothing new to leave: nothing was searched.
  assert.deepEqual(found(place, first.text), { files: first.files, text: undefined });
});

test('whatever comes, goes or moves is found, as deep as it may be', () => {
  using place = scene();
  const edits: [() => void, string[]][] = [
    [
      () => place.write('src/deep/new.css', ''),
      ['src/a.css', 'src/deep/b.css', 'src/deep/new.css'],
    ],
    [() => place.remove('src/deep/new.css'), ['src/a.css', 'src/deep/b.css']],
    [
      () => renameSync(place.at('src/a.css'), place.at('src/z.css')),
      ['src/deep/b.css', 'src/z.css'],
    ],
    [() => place.write('src/other/d.css', ''), ['src/deep/b.css', 'src/other/d.css', 'src/z.css']],
    [() => renameSync(place.at('src/deep'), place.at('deep')), ['src/other/d.css', 'src/z.css']],
    [() => place.remove('src'), []],
    [() => mkdirSync(place.at('src')), []],
    [() => place.write('src/last.css', ''), ['src/last.css']],
  ];
  let text = found(place, '').text ?? '';
  for (const [edit, files] of edits) {
    edit();
    const next = found(place, text);
    assert.deepEqual(next.files, files);
    text = next.text ?? '';
  }
});

test('a folder that changed just before it was searched is searched again', () => {
  using place = scene();
  place.now = Date.now();
  const first = found(place, '');
  assert.equal(first.text, undefined);
});

test('a folder whose old time was put back is searched again', () => {
  using place = scene();
  const before = new Date(Date.now() - 86_400_000);
  utimesSync(place.at('src'), before, before);
  const { text = '' } = found(place, '');
  place.write('src/new.css', '');
  utimesSync(place.at('src'), before, before);
  assert.ok(found(place, text).files.includes('src/new.css'));
});

test('what was found with a link on the way is not kept', () => {
  using place = scene();
  place.write('elsewhere/e.css', '');
  place.link('src/linked', '../elsewhere');
  const first = found(place, '');
  assert.ok(first.files.includes('src/linked/e.css'));
  assert.equal(first.text, undefined);
});

test('what is damaged or of another version is not used', () => {
  using place = scene();
  const { text = '' } = found(place, '');
  for (const damaged of ['', 'x', text.slice(0, -1), text.replace('a.css', 'b.css')]) {
    assert.deepEqual(found(place, damaged).files, ['src/a.css', 'src/deep/b.css']);
  }
});

test('the cache finds what globs stand for by what it has kept of them', async () => {
  using place = scene();
  const node = place.node({ inputs: ['src/**/*.css'] });
  await place.succeed(node);
  assert.deepEqual(await place.reasons(node), []);
  const store = await place.openStore();
  assert.match(String((await store.read(['[globs]'])).get('[globs]')), /src\/deep\/b\.css/);
  await store.close();
  place.write('src/deep/new.css', '');
  const added = [{ kind: 'input-added', path: 'src/deep/new.css' }];
  assert.deepEqual(await place.reasons(node), added);
});
