import assert from 'node:assert/strict';
import { finished, PassThrough, pipeline, Transform } from 'node:stream';
import { test } from 'node:test';
import gulp from 'gulp';
import { runAction } from '../../lib/pool/run-action.ts';
import type { TaskLink } from '../../lib/pool/task-context.ts';
import { requestOf } from '../pool/test-pool.ts';
import { TempProject } from '../rig/temp-project.ts';

const link: TaskLink = {
  signal: new AbortController().signal,
  call: () => Promise.reject(new Error('nobody answers')),
};

/** What a gulp task comes to, by its kind or by the message of its error. */
async function endOf(run: () => unknown): Promise<string> {
  const report = await runAction({ action: { kind: 'gulp', run } }, {}, requestOf('t'), link);
  const { outcome } = report;
  if (outcome.kind !== 'failed' || outcome.failure.reason !== 'threw') return outcome.kind;
  return outcome.failure.error.message;
}

function failing(message = 'no good'): Transform {
  return new Transform({
    objectMode: true,
    transform: (_file, _encoding, done) => void setImmediate(done, new Error(message)),
  });
}

const passing = (): Transform => new PassThrough({ objectMode: true });

test('an error in any place of a pipeline fails the task', async () => {
  using project = new TempProject({ 'src/a.txt': 'a', blocked: 'a file where a folder is to be' });
  const { folder } = project;
  const src = (glob = 'src/*.txt') => gulp.src(glob, { cwd: folder });
  const dest = (into = 'dist') => gulp.dest(`${folder}/${into}`);
  const places: Record<string, [run: () => unknown, message: RegExp]> = {
    source: [() => src('src/none.txt').pipe(passing()).pipe(dest()), /File not found/],
    'source before the dest': [() => src('src/none.txt').pipe(dest()), /File not found/],
    'first plugin': [() => src().pipe(failing()).pipe(dest()), /^no good$/],
    'second plugin': [() => src().pipe(passing()).pipe(failing()).pipe(dest()), /^no good$/],
    'last plugin, no dest': [() => src().pipe(failing()), /^no good$/],
    dest: [() => src().pipe(passing()).pipe(dest('blocked')), /EEXIST|ENOTDIR/],
    'dest before others': [
      () => src().pipe(dest('blocked')).pipe(passing()).pipe(dest('more')),
      /EEXIST|ENOTDIR/,
    ],
    'dest between plugins': [
      () => src().pipe(passing()).pipe(dest('blocked')).pipe(passing()).pipe(dest('more')),
      /EEXIST|ENOTDIR/,
    ],
    'after a dest': [() => src().pipe(dest()).pipe(failing()).pipe(dest('more')), /^no good$/],
    pipeline: [
      () => pipeline(src(), failing(), dest(), () => undefined),
      /no good|closed|Premature/i,
    ],
  };
  for (const [place, [run, message]] of Object.entries(places)) {
    assert.match(await endOf(run), message, place);
  }
});

test('an error that the gulpfile handles itself does not fail the task', async () => {
  using project = new TempProject({ 'src/a.txt': 'a' });
  const heard: string[] = [];
  const end = await endOf(
    () =>
      new Promise<void>((resolve) => {
        const plugin = gulp.src('src/*.txt', { cwd: project.folder }).pipe(failing());
        plugin.on('error', ({ message }) => heard.push(message));
        finished(plugin, () => setImmediate(resolve));
      }),
  );
  assert.deepEqual([end, heard], ['succeeded', ['no good']]);
});

test('an error that does not say at which file is given its name, whatever the plugin', async () => {
  using project = new TempProject({ 'src/a.txt': 'a', 'src/b.txt': 'b' });
  const failingAtB = (error: Error) =>
    new Transform({
      objectMode: true,
      transform(file: { readonly basename: string }, _encoding, done) {
        if (file.basename === 'b.txt') this.emit('error', error);
        done(null, file);
      },
    });
  const fileOf = async (error: Error): Promise<unknown> => {
    const src = () => gulp.src('src/*.txt', { cwd: project.folder });
    const run = () => src().pipe(passing()).pipe(failingAtB(error)).pipe(gulp.dest(project.folder));
    const action = { kind: 'gulp', run } as const;
    const { outcome } = await runAction({ action }, {}, requestOf('t'), link);
    assert.ok(outcome.kind === 'failed' && outcome.failure.reason === 'threw');
    return outcome.failure.error.own?.['fileName'];
  };
  assert.equal(await fileOf(new Error('no good')), `${project.folder}/src/b.txt`);
  const named = Object.assign(new Error('no good'), { fileName: 'partial.txt' });
  assert.equal(await fileOf(named), 'partial.txt');
});
