import assert from 'node:assert/strict';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { endsOf, runGulp } from '../rig/run-gulp.ts';
import { TempProject } from '../rig/temp-project.ts';

const gulpfile = `
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import gulp from 'gulp';
import { parproc, task } from 'parproc';
gulp.registry(parproc({ restore: true }));
const copy = (ctx) => {
  appendFileSync('ran.txt', ctx.name + '\\n');
  const text = readFileSync(ctx.inputs[0], 'utf8').trim();
  console.log('warning: made of ' + text);
  writeFileSync(ctx.outputs[0], text);
};
task('first').inputs('in.txt').outputs('one.txt').action(copy);
task('second').deps('first').inputs('one.txt').outputs('two.txt').action(copy);
task('told').deps('second').action((ctx) => appendFileSync('ran.txt', 'told\\n')).noSkip();
`;

/** Every file that is kept, with its time. */
function stateOf({ folder }: TempProject): unknown[] {
  const objects = join(folder, '.parproc/objects');
  return readdirSync(objects, { recursive: true, encoding: 'utf8' })
    .sort()
    .map((name) => [name, statSync(join(objects, name)).mtimeMs]);
}

test('going back to what was built before runs nothing, and says again what was said then', async () => {
  using site = new TempProject({ 'gulpfile.mjs': gulpfile, 'in.txt': 'A' });
  await runGulp(site, ['second']);
  site.write('in.txt', 'B');
  await runGulp(site, ['second']);
  assert.equal(site.read('two.txt'), 'B');
  site.write('in.txt', 'A');
  const before = stateOf(site);
  const dry = await runGulp(site, ['second', '--dry-run']);
  assert.match(dry.stdout, /↺ first {2}would be restored: in\.txt changed\n/);
  assert.match(dry.stdout, /0 would run, 1 would be restored, 1 may run, 0 up to date/);
  assert.deepEqual(stateOf(site), before, 'a dry run writes nothing');
  const back = await runGulp(site, ['second', '--json']);
  assert.deepEqual(endsOf(back), ['first up-to-date', 'second up-to-date']);
  const told = back.events.flatMap(({ event, task, text, restored }) =>
    event === 'output' || event === 'task-ended' ? [[task, text ?? restored]] : [],
  );
  assert.deepEqual(told, [
    ['first', 'warning: made of A\n'],
    ['first', [{ kind: 'input-changed', path: 'in.txt' }]],
    ['second', 'warning: made of A\n'],
    [
      'second',
      [
        { kind: 'dep-changed', dep: 'first' },
        { kind: 'input-changed', path: 'one.txt' },
      ],
    ],
  ]);
  assert.deepEqual([site.read('one.txt'), site.read('two.txt')], ['A', 'A']);
  assert.equal(site.read('ran.txt'), 'first\nsecond\nfirst\nsecond\n');
  site.remove('two.txt');
  const lines = await runGulp(site, ['told']);
  assert.match(
    lines.stdout,
    /↺ second {2}restored: two\.txt is missing\n {2}│ warning: made of A\n/,
  );
  assert.ok(site.read('ran.txt').endsWith('second\ntold\n'));
  const full = await runGulp(site, ['second', '--full', '--json']);
  assert.deepEqual(endsOf(full), ['first succeeded', 'second succeeded']);
});

test('a state that failed before is not put back', async () => {
  using site = new TempProject({ 'gulpfile.mjs': gulpfile, 'in.txt': 'A' });
  await runGulp(site, ['second']);
  site.remove('in.txt');
  await runGulp(site, ['second'], { code: 1 });
  const again = await runGulp(site, ['second', '--json'], { code: 1 });
  assert.deepEqual(endsOf(again), ['first failed', 'second dependency-failed']);
});

test('what only ctx.dest() has written is put back, and pruned, as a run would do it', async () => {
  const action = (prune: string) =>
    `.action((ctx) => { appendFileSync('ran.txt', ctx.name + '\\n');
      return ctx.src().pipe(ctx.dest('dist/' + ctx.name, { prune: ${prune} })); })`;
  using site = new TempProject({
    'src/a.txt': 'A',
    'src/b.txt': 'B',
    'gulpfile.mjs': `
import { appendFileSync } from 'node:fs';
import gulp from 'gulp';
import { parproc, task } from 'parproc';
gulp.registry(parproc({ restore: true, parallel: 1 }));
task('pruned').inputs('src/*.txt')${action('true')};
task('kept').deps('pruned').inputs('src/*.txt')${action('false')};
`,
  });
  const ends = async () => endsOf(await runGulp(site, ['kept', '--json', '-S']));
  const dist = () =>
    readdirSync(join(site.folder, 'dist'), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.txt'))
      .sort();
  await ends();
  site.write('src/a.txt', 'A2');
  site.remove('src/b.txt');
  site.write('src/c.txt', 'C');
  await ends();
  assert.deepEqual(dist(), [
    'kept/a.txt',
    'kept/b.txt',
    'kept/c.txt',
    'pruned/a.txt',
    'pruned/c.txt',
  ]);
  const ran = site.read('ran.txt');
  site.write('src/a.txt', 'A');
  site.write('src/b.txt', 'B');
  site.remove('src/c.txt');
  site.remove('dist/kept/b.txt');
  assert.deepEqual(await ends(), ['pruned up-to-date', 'kept up-to-date']);
  assert.deepEqual(dist(), [
    'kept/a.txt',
    'kept/b.txt',
    'kept/c.txt',
    'pruned/a.txt',
    'pruned/b.txt',
  ]);
  assert.equal(site.read('dist/kept/a.txt') + site.read('dist/pruned/b.txt'), 'AB');
  assert.equal(site.read('ran.txt'), ran, 'nothing ran');
  site.remove('dist/pruned/b.txt');
  assert.deepEqual(await ends(), ['pruned up-to-date', 'kept up-to-date'], 'put back once more');
  assert.equal(site.read('dist/pruned/b.txt'), 'B');
  assert.equal(site.read('ran.txt'), ran);
});
