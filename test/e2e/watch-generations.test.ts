import assert from 'node:assert/strict';
import { test } from 'node:test';
import { live, storyIn } from '../rig/live-gulp.ts';
import { Theatre } from '../rig/puppet.ts';
import { endsOf, runGulp } from '../rig/run-gulp.ts';
import { theatreProject } from '../rig/theatre-project.ts';

/** `b` needs `a`; both obey, then copy what they read. */
const pair = `
import { readFileSync, writeFileSync } from 'node:fs';
const copy = (from, to) => async (ctx) => { const text = readFileSync(from, 'utf8'); await obey(ctx.name); writeFileSync(to, text); };
task('a').inputs('a.in').outputs('a.out').action(copy('a.in', 'a.out'));
task('b').deps('a').inputs('a.out', 'b.in').outputs('b.out').action(copy('a.out', 'b.out'));
`;

const debounce = '{ parallel: 4, watchDebounce: 20 }';

test('a task whose input changes while it runs runs again before what needs it starts', async () => {
  using theatre = await Theatre.open();
  using project = theatreProject(theatre, pair, debounce);
  project.write('a.in', 'old');
  project.write('b.in', '');
  const { events } = await live(project, ['b'], async (gulp) => {
    await theatre.started('a');
    await gulp.next(({ event }) => event === 'watch-started');
    project.write('a.in', 'new');
    await gulp.changed();
    await theatre.order('a', 'ok');
    await theatre.started('a');
    assert.deepEqual(theatre.log, ['started a', 'started a']);
    await theatre.order('a', 'ok');
    await theatre.order('b', 'ok');
    await gulp.settled();
    assert.equal(project.read('b.out'), 'new');
  });
  assert.deepEqual(storyIn(events), [
    'a started',
    'changed for a',
    'a outdated',
    'a started',
    'a succeeded',
    'b started',
    'b succeeded',
  ]);
});

test('what an outdated task came to is not recorded', async () => {
  using theatre = await Theatre.open();
  using project = theatreProject(theatre, pair, debounce);
  project.write('a.in', 'old');
  await live(project, ['a'], async (gulp) => {
    await theatre.started('a');
    await gulp.next(({ event }) => event === 'watch-started');
    project.write('a.in', 'new');
    await gulp.changed();
    await theatre.order('a', 'ok');
    await theatre.started('a');
  });
  assert.equal(project.read('a.out'), 'old');
  const again = runGulp(project, ['a', '--json', '-S']);
  // The first order goes to the one that was killed.
  await theatre.order('a', 'ok');
  await theatre.order('a', 'ok');
  assert.deepEqual(endsOf(await again), ['a succeeded']);
  assert.equal(project.read('a.out'), 'new');
});

test('a failure of an outdated attempt is none', async () => {
  using theatre = await Theatre.open();
  using project = theatreProject(theatre, pair, debounce);
  project.write('a.in', 'old');
  const { events } = await live(project, ['a'], async (gulp) => {
    await theatre.started('a');
    await gulp.next(({ event }) => event === 'watch-started');
    project.write('a.in', 'new');
    await gulp.changed();
    await theatre.order('a', 'throw');
    await theatre.order('a', 'ok');
    await gulp.settled();
  });
  assert.deepEqual(storyIn(events), [
    'a started',
    'changed for a',
    'a outdated',
    'a started',
    'a succeeded',
  ]);
  const counts = events.find(({ event }) => event === 'run-ended')?.['counts'];
  assert.deepEqual(
    [(counts as { ran: number }).ran, (counts as { failed: number }).failed],
    [1, 0],
  );
});

test('what is being read is not made anew before its reader has ended', async () => {
  using theatre = await Theatre.open();
  using project = theatreProject(theatre, pair, debounce);
  project.write('a.in', 'old');
  project.write('b.in', '');
  const { events } = await live(project, ['b'], async (gulp) => {
    await gulp.next(({ event }) => event === 'watch-started');
    await theatre.order('a', 'ok');
    await theatre.started('b');
    project.write('a.in', 'new');
    await gulp.changed();
    assert.deepEqual(theatre.log, ['started a', 'started b']);
    await theatre.order('b', 'ok');
    await theatre.order('a', 'ok');
    await theatre.order('b', 'ok');
    await gulp.settled();
    assert.equal(project.read('b.out'), 'new');
  });
  assert.deepEqual(storyIn(events), [
    'a started',
    'a succeeded',
    'b started',
    'changed for a',
    'b outdated',
    'a started',
    'a succeeded',
    'b started',
    'b succeeded',
  ]);
});

test('a change does not wait for tasks that it does not concern', async () => {
  using theatre = await Theatre.open();
  using project = theatreProject(
    theatre,
    `${pair}\ntask('long').inputs('long.in').action(act);\ntask('all').deps('b', 'long');`,
    debounce,
  );
  for (const name of ['a', 'b', 'long']) project.write(`${name}.in`, 'old');
  const { events } = await live(project, ['all'], async (gulp) => {
    await gulp.next(({ event }) => event === 'watch-started');
    await theatre.started('long');
    await theatre.order('a', 'ok');
    await theatre.order('b', 'ok');
    await gulp.task('b', 'ended');
    project.write('b.in', 'new');
    await theatre.started('b');
    await theatre.order('b', 'ok');
    await gulp.task('b', 'ended');
    await theatre.order('long', 'ok');
    await gulp.settled();
  });
  const story = storyIn(events);
  assert.deepEqual(
    story.filter((line) => line.startsWith('long')),
    ['long started', 'long succeeded'],
  );
  assert.deepEqual(story.slice(-4), [
    'changed for b',
    'b started',
    'b succeeded',
    'long succeeded',
  ]);
});

test('interrupt: true stops what is outdated at once', async () => {
  using theatre = await Theatre.open();
  using project = theatreProject(
    theatre,
    pair,
    '{ parallel: 4, watchDebounce: 20, interrupt: true }',
  );
  project.write('a.in', 'old');
  project.write('b.in', '');
  const { events } = await live(project, ['b'], async (gulp) => {
    await gulp.next(({ event }) => event === 'watch-started');
    await theatre.order('a', 'ok');
    await theatre.started('b');
    project.write('a.in', 'new');
    await gulp.changed();
    // Nobody lets the first b go on.
    await theatre.order('a', 'ok');
    await gulp.next(({ event, task }) => event === 'task-started' && task === 'b');
  });
  assert.deepEqual(storyIn(events), [
    'a started',
    'a succeeded',
    'b started',
    'changed for a',
    'b outdated',
    'a started',
    'a succeeded',
    'b started',
    'b cancelled',
  ]);
});

test('what an interrupted task has left counts for nothing, even if its input is as before', async () => {
  using theatre = await Theatre.open();
  using project = theatreProject(
    theatre,
    `
import { readFileSync, writeFileSync } from 'node:fs';
task('a').inputs('a.in').outputs('a.out').action(async (ctx) => {
  const text = readFileSync('a.in', 'utf8');
  writeFileSync('a.out', 'half');
  await obey(ctx.name);
  writeFileSync('a.out', text);
});`,
    '{ parallel: 4, watchDebounce: 20, interrupt: true }',
  );
  project.write('a.in', 'one');
  const { events } = await live(project, ['a'], async (gulp) => {
    await theatre.order('a', 'ok');
    await gulp.settled();
    project.write('a.in', 'two');
    await theatre.started('a');
    project.write('a.in', 'one');
    await gulp.next(({ event }) => event === 'task-outdated');
    await gulp.task('a');
    // The first order goes to the one that was stopped.
    await theatre.order('a', 'ok');
    await theatre.order('a', 'ok');
    await gulp.settled();
    assert.equal(project.read('a.out'), 'one');
  });
  assert.deepEqual(storyIn(events).slice(-5), [
    'a started',
    'changed for a',
    'a outdated',
    'a started',
    'a succeeded',
  ]);
});

test('a task that has asked for others runs again when these do', async () => {
  using theatre = await Theatre.open();
  using project = theatreProject(
    theatre,
    `
import { readFileSync, writeFileSync } from 'node:fs';
task('inner').inputs('in.txt').action(() => readFileSync('in.txt', 'utf8'));
task('outer').outputs('out.txt').action(async (ctx) => { await ctx.run('inner'); writeFileSync('out.txt', ctx.results['inner']); });`,
    debounce,
  );
  project.write('in.txt', 'old');
  await live(project, ['outer'], async (gulp) => {
    await gulp.settled();
    project.write('in.txt', 'new');
    await gulp.rebuilt();
    assert.equal(project.read('out.txt'), 'new');
  });
});
