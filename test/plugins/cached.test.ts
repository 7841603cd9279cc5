import assert from 'node:assert/strict';
import { Transform } from 'node:stream';
import { test } from 'node:test';
import Keyv from 'keyv';
import { cached, PluginError } from '../../plugins/index.ts';
import { fileOf, shownOf, through } from './files.ts';

/** A plugin, and the files that it was given. */
function upper(seen: string[], options: { suffix?: string; bad?: string } = {}) {
  return () =>
    new Transform({
      objectMode: true,
      transform(file: ReturnType<typeof fileOf>, _encoding, done) {
        seen.push(file.relative);
        if (file.relative === options.bad) return done(new Error('no good'));
        file.contents = Buffer.from(String(file.contents).toUpperCase() + (options.suffix ?? ''));
        file['sourceMap'] = { from: file.relative };
        file.extname = '.out';
        return done(null, file);
      },
    });
}

test('a file that came before is not made again', async () => {
  const cache = new Keyv() as never;
  const seen: string[] = [];
  const run = (...files: [string, string][]) =>
    through(
      files.map(([path, text]) => fileOf(path, text)),
      cached(upper(seen), { key: 'k', cache }),
    );
  const first = await run(['a.txt', 'x'], ['b.txt', 'y']);
  const second = await run(['a.txt', 'x'], ['b.txt', 'y']);
  assert.deepEqual(seen, ['a.txt', 'b.txt']);
  assert.deepEqual(shownOf(second), ['a.out X', 'b.out Y']);
  assert.deepEqual(shownOf(second), shownOf(first));
  assert.deepEqual(second[0]?.['sourceMap'], { from: 'a.txt' });
  assert.deepEqual(second[0]?.history, first[0]?.history);
  await run(['a.txt', 'other'], ['c.txt', 'y']);
  assert.deepEqual(seen.slice(2), ['a.txt', 'c.txt'], 'other content, other path');
  await run(['a.txt', 'x']);
  assert.equal(seen.length, 4, 'content of before');
});

test('the source of the function, the version and the source map count', async () => {
  const cache = new Keyv() as never;
  const seen: string[] = [];
  const file = (map?: unknown) =>
    Object.assign(fileOf('a', 'x'), map === undefined ? {} : { sourceMap: map });
  const make = upper(seen);
  const run = (transform: () => Transform, version?: unknown, map?: unknown) =>
    through([file(map)], cached(transform, { key: 'k', version, cache }));
  await run(make);
  await run(make, undefined, { mappings: 'A' });
  await run(make, 2);
  await run(() => make());
  await run(() => make());
  assert.equal(seen.length, 4);
});

test('errors are not kept, and name plugin and file', async () => {
  const cache = new Keyv() as never;
  const seen: string[] = [];
  const run = (bad?: string) =>
    through(
      [fileOf('a', 'x')],
      cached(upper(seen, bad === undefined ? {} : { bad }), { key: 'k', cache }),
    );
  await assert.rejects(run('a'), (error) => {
    assert.ok(error instanceof PluginError);
    assert.equal(error.message, 'cached(k): src/a: no good');
    return true;
  });
  assert.deepEqual(shownOf(await run()), ['a.out X']);
  assert.equal(seen.length, 2);
});

test('what was not used for twenty runs is dropped', async () => {
  const cache = new Keyv();
  const seen: string[] = [];
  const run = (text: string) =>
    through([fileOf('a', text)], cached(upper(seen), { key: 'k', cache: cache as never }));
  await run('old');
  for (let at = 0; at < 19; at++) await run('new');
  await run('old');
  assert.equal(seen.length, 2, 'still there');
  for (let at = 0; at < 21; at++) await run('new');
  await run('old');
  assert.equal(seen.length, 3, 'dropped');
});

test('a plugin instead of a function is an error that says what to write', () => {
  assert.throws(() => cached(upper([])() as never), /cached\(\(\) => plugin\(\)\)/);
});
