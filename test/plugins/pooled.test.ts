import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { InvalidOption, Pool, TimeLimitExceeded, WorkerLostError } from '../../lib/pool/index.ts';
import { PluginError, type PooledFunction, pooled } from '../../plugins/index.ts';
import { TempProject } from '../rig/temp-project.ts';
import { fileOf, shownOf, through } from './files.ts';

const project = new TempProject({
  'transforms.mjs': `
    import { existsSync, watch, writeFileSync } from 'node:fs';
    import { dirname, join } from 'node:path';
    import { currentJob } from 'parproc/pool';
    export const upper = (file) => file.contents.toString().toUpperCase();
    export const suffix = (file, { text }) => file.contents + text;
    export const pid = () => String(process.pid);
    /** Takes a while in which no core has anything to do. */
    export const restAndTellPid = () => {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
      return String(process.pid);
    };
    export const same = (file) => file;
    export const split = ({ contents }) =>
      [...contents.toString()].map((letter) => ({ path: \`parts/\${letter}.txt\`, contents: letter }));
    export const fail = ({ relative }) => { throw Object.assign(new SyntaxError(\`bad \${relative}\`), { line: 3 }); };
    /** A timer keeps the process waiting: a signal does not. */
    export const untilAborted = () => new Promise((resolve) => {
      const timer = setInterval(() => undefined, 60_000);
      currentJob().signal.addEventListener('abort', () => { clearInterval(timer); resolve('aborted'); });
    });
    export const nothing = () => undefined;
    export const odd = () => ({ content: 'x' });
    export const spin = () => { for (;;); };
    export const die = () => process.exit(3);
    export const meta = (file) => ({ ...file, contents: JSON.stringify(file.data), data: { seen: true } });
    /** The file 'late' ends only when somebody has put a mark into the folder. */
    export async function lateLast(file, { folder, others }) {
      const mark = join(folder, 'mark');
      if (file.relative !== 'late') others && writeFileSync(mark, '');
      else await new Promise((resolve) => {
        const watcher = watch(folder, () => existsSync(mark) && (watcher.close(), resolve()));
        if (existsSync(mark)) watcher.close(), resolve();
      });
      return file.contents;
    }
  `,
});
after(() => project[Symbol.dispose]());

const module = pathToFileURL(join(project.folder, 'transforms.mjs'));
const ref = <Options = undefined>(name: string): PooledFunction<Options> => ({
  module,
  export: name,
});

async function errorOf(promise: Promise<unknown>): Promise<PluginError> {
  const error = await promise.then(
    () => assert.fail('it was to fail'),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof PluginError, String(error));
  return error;
}

test('each file is transformed by a function of a module, with options', async () => {
  const files = [fileOf('a.txt', 'one'), fileOf('b/c.txt', 'two')];
  assert.deepEqual(shownOf(await through(files, pooled(ref('upper')))), [
    'a.txt ONE',
    'b/c.txt TWO',
  ]);
  const plugin = pooled(ref<{ text: string }>('suffix'), { options: { text: '!' } });
  assert.deepEqual(shownOf(await through([fileOf('a', 'x')], plugin)), ['a x!']);
});

test('a function that uses nothing from around it needs no module', async () => {
  const plugin = pooled((file) => file.contents.toString().replace('a', process.argv0 && 'b'));
  assert.deepEqual(shownOf(await through([fileOf('a', 'aa')], plugin)), ['a ba']);
});

test('it happens in another process, the same one for all streams while it is warm', async () => {
  const pidOf = async () =>
    String((await through([fileOf('a', '')], pooled(ref('pid'), { processes: 1 })))[0]?.contents);
  const first = await pidOf();
  assert.notEqual(first, String(process.pid));
  assert.equal(await pidOf(), first);
  process.env['PARPROC_TEST_OTHER'] = 'yes';
  try {
    assert.notEqual(await pidOf(), first, 'workers keep the environment they were started with');
  } finally {
    delete process.env['PARPROC_TEST_OTHER'];
  }
  assert.equal(await pidOf(), first);
});

test('without a word about processes there are more of them when cores have nothing to do', {
  skip: availableParallelism() < 2 && 'there is one core',
}, async () => {
  const pids = new Set<string>();
  const plugin = pooled(ref('restAndTellPid'));
  plugin.on('data', ({ contents }: { contents: Buffer }) => pids.add(String(contents)));
  for (let at = 0; pids.size < 2; at++) {
    if (!plugin.write(fileOf(String(at), ''))) await once(plugin, 'drain');
  }
  plugin.end();
  await finished(plugin);
});

test('files keep their order unless told otherwise', async () => {
  for (const ordered of [true, false]) {
    using late = new TempProject();
    const { folder } = late;
    const plugin = pooled(ref<unknown>('lateLast'), {
      options: { folder, others: ordered },
      processes: 2,
      ordered,
    });
    if (!ordered) plugin.once('data', () => late.write('mark', ''));
    const files = ['late', 'b'].map((name) => fileOf(name, name));
    const shown = shownOf(await through(files, plugin));
    assert.deepEqual(shown, ordered ? ['late late', 'b b'] : ['b b', 'late late']);
  }
});

test('large and binary contents arrive byte for byte', async () => {
  for (const size of [0, 1, 40_000, 6_000_000]) {
    const bytes = randomBytes(size);
    const [file] = await through([fileOf('a.png', bytes)], pooled(ref('same')));
    assert.ok(bytes.equals(file?.contents as Buffer), `${size} bytes`);
  }
});

test('a file may become several, others or none', async () => {
  const [one, two] = await through([fileOf('a.txt', 'xy')], pooled(ref('split')));
  assert.deepEqual(shownOf([one, two] as never), ['parts/x.txt x', 'parts/y.txt y']);
  assert.deepEqual(one?.history, ['/site/src/a.txt', '/site/src/parts/x.txt']);
  assert.deepEqual(await through([fileOf('a.txt', '')], pooled(ref('split'))), []);
});

test('what is no file of contents passes', async () => {
  const files = [fileOf('folder', null), fileOf('a', 'x')];
  assert.deepEqual(shownOf(await through(files, pooled(ref('upper')))), ['folder null', 'a X']);
});

test('source maps and the properties that are named go there and come back', async () => {
  const map = { version: 3, sources: ['a.js'], mappings: 'AAAA', names: [], file: 'a.js' };
  const file = Object.assign(fileOf('a.js', 'x'), {
    sourceMap: map,
    data: { title: 'T' },
    left: 1,
  });
  const [output] = await through([file], pooled(ref('meta'), { properties: ['data'] }));
  assert.deepEqual(
    [output?.['sourceMap'], output?.['data'], output?.['left']],
    [map, { seen: true }, 1],
  );
  assert.equal(String(output?.contents), '{"title":"T"}');
});

test('an error says which plugin and which file, and where in its code', async () => {
  const files = [fileOf('a.js', ''), fileOf('b.js', '')];
  const error = await errorOf(through(files, pooled(ref('fail'), { ordered: true, inFlight: 1 })));
  assert.equal(error.message, 'pooled(fail): src/a.js: bad a.js');
  assert.deepEqual([error.plugin, error.fileName], ['pooled(fail)', '/site/src/a.js']);
  assert.match(error.stack ?? '', /transforms\.mjs:\d+/);
  assert.equal((error.cause as SyntaxError & { line: number }).line, 3);
  const named = await errorOf(through(files, pooled(ref('fail'), { name: 'minify' })));
  assert.equal(named.plugin, 'minify');
});

test('a result that is neither contents nor files is an error', async () => {
  for (const [name, what] of [
    ['nothing', 'undefined'],
    ['odd', 'an object without contents'],
  ] as const) {
    const error = await errorOf(through([fileOf('a', '')], pooled(ref(name))));
    assert.match(error.message, new RegExp(`^pooled\\(${name}\\): src/a: It returned ${what}\\. `));
  }
});

test('a file that takes too long fails with its name, and its process is replaced', async () => {
  const error = await errorOf(through([fileOf('slow', '')], pooled(ref('spin'), { timeout: 50 })));
  assert.ok(error.cause instanceof TimeLimitExceeded);
  assert.equal(error.fileName, '/site/src/slow');
  assert.deepEqual(shownOf(await through([fileOf('a', 'x')], pooled(ref('upper')))), ['a X']);
});

test('at its soft time limit the signal of a file is aborted, and it may still give a result', async () => {
  const plugin = pooled(ref('untilAborted'), { softTimeout: 50 });
  assert.deepEqual(shownOf(await through([fileOf('a', 'x')], plugin)), ['a aborted']);
});

test('a file whose process dies fails alone', async () => {
  const error = await errorOf(through([fileOf('a', '')], pooled(ref('die'))));
  assert.ok(error.cause instanceof WorkerLostError);
  assert.deepEqual(shownOf(await through([fileOf('a', 'x')], pooled(ref('upper')))), ['a X']);
});

test('a stream of a file is refused with the remedy', async () => {
  const file = fileOf('a', null);
  file.contents = process.stdin;
  const error = await errorOf(through([file], pooled(ref('upper'))));
  assert.match(error.message, /buffer: true/);
});

test('a pool of the caller is used and left open', async () => {
  await using pool = new Pool({ processes: 1 });
  const [file] = await through([fileOf('a', '')], pooled(ref('pid'), { pool }));
  assert.equal(String(file?.contents), String(pool.workers[0]?.pid));
  assert.equal(await pool.apply(() => 1), 1);
});

test('an option that does not exist or fit is an error at once', () => {
  for (const options of [
    { order: true },
    { inFlight: 0 },
    { processes: 1.5 },
    { ordered: 'yes' },
    { properties: 'data' },
  ]) {
    assert.throws(
      () => pooled(ref('upper'), options as never),
      InvalidOption,
      JSON.stringify(options),
    );
  }
});
