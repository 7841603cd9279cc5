import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Theatre } from '../rig/puppet.ts';
import type { TempProject } from '../rig/temp-project.ts';
import { comparable, noTerminal, type Size, Terminal } from '../rig/terminal.ts';
import { theatreProject } from '../rig/theatre-project.ts';

const terminal = { skip: noTerminal, timeout: 90_000 };

/** Beside the tasks there is `all`, which needs every one of `names`. */
function siteWith(theatre: Theatre, names: string, tasks: string, options?: string): TempProject {
  return theatreProject(
    theatre,
    `import { writeFileSync } from 'node:fs';
import { isWorker } from 'parproc';
if (!isWorker) writeFileSync('pid', String(process.pid));
${tasks}
task('all').deps(${names});`,
    options,
  );
}

const two = "task('a').action(act); task('b').action(act);";

async function opened(site: TempProject, size?: Size): Promise<Terminal> {
  return Terminal.open(site, ['all'], size);
}

test('what runs is shown below what has ended, which stays', terminal, async () => {
  using theatre = await Theatre.open();
  using site = siteWith(theatre, "'b', 'c'", `${two} task('c').deps('a').action(act);`);
  await using screen = await opened(site);
  await screen.shows([
    "[time] Starting 'all'...",
    '* b TIME',
    '* a TIME',
    '· c waits for a',
    '0 of 3 done, 2 running',
  ]);
  await theatre.order('a', 'ok');
  await screen.shows([
    "[time] Starting 'all'...",
    '✔ a TIME  declares no inputs',
    '* b TIME',
    '* c TIME',
    '1 of 3 done, 2 running',
  ]);
  await theatre.order('b', 'ok');
  await screen.until((lines) => lines.at(-1) === '2 of 3 done, 1 running');
  await theatre.order('c', 'ok');
  assert.deepEqual(comparable(await screen.ended()), [
    "[time] Starting 'all'...",
    '✔ a TIME  declares no inputs',
    '✔ b TIME  declares no inputs',
    '✔ c TIME  first run',
    "[time] Finished 'all' after TIME",
    '3 ran, 0 up to date, 0 failed in TIME',
    '(exit code 0)',
  ]);
  assert.equal(await screen.isRestored(), true);
});

test('who waits for a lock is named, with who has it', terminal, async () => {
  using theatre = await Theatre.open();
  using site = siteWith(
    theatre,
    "'deploy::*'",
    "task('deploy::[env]').args({ env: ['dev', 'prod'] }).locks('net').action(act);",
  );
  await using screen = await opened(site);
  await screen.shows([
    "[time] Starting 'all'...",
    '* deploy::dev TIME',
    '· deploy::prod waits for the lock net, which deploy::dev has',
    '0 of 2 done, 1 running',
  ]);
  await theatre.order('deploy::dev', 'ok');
  await theatre.order('deploy::prod', 'ok');
  await screen.ended();
});

test('past durations become bars, percentages and a time that is left', terminal, async () => {
  using theatre = await Theatre.open();
  using site = siteWith(theatre, "'a', 'b'", two);
  for (const isFirst of [true, false]) {
    await using screen = await opened(site);
    if (!isFirst) {
      const lines = await screen.until((all) => all.at(-1)?.includes('left') === true);
      assert.match(lines.at(-1) ?? '', /^0 of 2 done, 2 running, about \d+ (?:s|min) left$/);
      for (const line of lines.slice(-3, -1)) {
        assert.match(line, /^. [ab] {2}[█░]{12} +\d\d? % +\d+\.\d s$/);
      }
    }
    await theatre.started('a');
    await theatre.order('a', 'ok');
    await theatre.order('b', 'ok');
    await screen.ended();
  }
});

test('a failure is told above what still runs', terminal, async () => {
  using theatre = await Theatre.open();
  using site = siteWith(theatre, "'a', 'b', 'c'", `${two} task('c').deps('a').action(act);`);
  await using screen = await opened(site);
  await theatre.started('b');
  await theatre.order('a', 'throw');
  const failure = [
    "[time] Starting 'all'...",
    '✖ a  failed after TIME  declares no inputs',
    '  ┃ Error: a was told to fail',
    '  ┃   at FRAME',
    '  ┃ defined at gulpfile.mjs:19:1',
    '  ┃ run it again: gulp a',
    '⊘ 2 tasks  not run: a failed (all, c)',
  ];
  const shown = await screen.until((lines) => lines.at(-1)?.includes('1 failed') === true);
  const withoutFrame = (lines: readonly string[]): string[] =>
    comparable(lines)
      .join('\n')
      .replace(/ {2}at (?:.*\n)+?(?= {2}┃ defined)/, '  at FRAME\n')
      .replace(/gulpfile\.mjs:\d+/, 'gulpfile.mjs:19')
      .split('\n');
  assert.deepEqual(withoutFrame(shown), [
    ...failure,
    '* b TIME',
    '2 of 3 done, 1 running, 1 failed',
  ]);
  await theatre.order('b', 'ok');
  const all = withoutFrame(await screen.ended());
  assert.deepEqual(all.slice(0, 7), failure);
  assert.equal(all.at(-1), '(exit code 1)');
});

test('when all is up to date nothing is drawn', terminal, async () => {
  using theatre = await Theatre.open();
  using site = siteWith(
    theatre,
    "'a'",
    "task('a').inputs('gulpfile.mjs').action(() => undefined);",
  );
  for (const expected of [
    ['✔ a TIME  first run', '1 ran, 0 up to date, 0 failed in TIME'],
    ['0 ran, 1 up to date, 0 failed in TIME'],
  ]) {
    await using screen = await opened(site);
    const lines = comparable(await screen.ended());
    assert.deepEqual(
      lines.filter((line) => /^[✔\d]/.test(line)),
      expected,
    );
  }
});

test('a narrow terminal shows less of each task, on one line still', terminal, async () => {
  using theatre = await Theatre.open();
  using site = siteWith(
    theatre,
    "'compile::*'",
    "task('compile::[what]').args({ what: ['everything-there-is'] }).action(act);",
  );
  await using screen = await opened(site, { columns: 20, rows: 10 });
  const lines = await screen.until((all) => all.at(-1) === '0/1');
  assert.deepEqual(comparable(lines).slice(-2), ['* compile:…there-is', '0/1']);
  await theatre.order('compile::everything-there-is', 'ok');
  await screen.ended();
});

test('the view follows the size of the terminal, and leaves nothing behind', terminal, async () => {
  using theatre = await Theatre.open();
  using site = siteWith(
    theatre,
    "'compile::*'",
    `task('compile::[what]').args({ what: ['one', 'two'] }).inputs('gulpfile.mjs')
       .action(act);`,
    '{ parallel: 2 }',
  );
  await using screen = await opened(site, { columns: 100, rows: 20 });
  await theatre.started('compile::one');
  await theatre.started('compile::two');
  const head = "[time] Starting 'all'...";
  const isWide = ['* compile::one TIME', '* compile::two TIME', '0 of 2 done, 2 running'];
  await screen.shows([head, ...isWide]);
  await screen.resize({ columns: 22, rows: 20 });
  const narrow = await screen.until((lines) => lines.at(-1) === '0/2');
  // What stood above the view has been wrapped, and some of it pushed out at the top.
  assert.deepEqual(comparable(narrow).slice(-3), ['* compile::one', '* compile::two', '0/2']);
  await screen.resize({ columns: 60, rows: 12 });
  await screen.until((lines) => lines.at(-1) === '0 of 2 done, 2 running');
  const history = comparable(await screen.history());
  assert.deepEqual(history.slice(history.indexOf(head)), [head, ...isWide]);
  await theatre.order('compile::one', 'ok');
  await theatre.order('compile::two', 'ok');
  const all = comparable(await screen.ended());
  assert.deepEqual(
    all.filter((line) => /^[*\d]|running/.test(line)),
    ['2 ran, 0 up to date, 0 failed in TIME'],
  );
});

test(
  'what was written while gulp was stopped stays, and the view goes on below it',
  terminal,
  async () => {
    using theatre = await Theatre.open();
    using site = siteWith(theatre, "'a'", "task('a').inputs('gulpfile.mjs').action(act);");
    await using screen = await opened(site);
    const view = ['* a TIME', '0 of 1 done, 1 running'];
    await screen.shows(["[time] Starting 'all'...", ...view]);
    process.kill(Number(site.read('pid')), 'SIGSTOP');
    await screen.write('shell 1\nshell 2\nshell 3\n');
    const stoppedAt = performance.now();
    await screen.until((lines) => lines.at(-1) === 'shell 3');
    // No person is back sooner, and a shorter gap looks like a busy machine.
    while (performance.now() - stoppedAt < 400) await screen.screen();
    process.kill(Number(site.read('pid')), 'SIGCONT');
    const told = ['shell 1', 'shell 2', 'shell 3'];
    await screen.shows(["[time] Starting 'all'...", ...view, ...told, ...view]);
    await theatre.order('a', 'ok');
    assert.deepEqual(comparable(await screen.ended()).slice(0, 7), [
      "[time] Starting 'all'...",
      ...view,
      ...told,
      '✔ a TIME  first run',
    ]);
  },
);

test('of two hundred running tasks as many are drawn as fit', terminal, async () => {
  using theatre = await Theatre.open();
  using site = siteWith(
    theatre,
    "'t::*'",
    `const keepAlive = isWorker ? undefined : setInterval(() => undefined, 1e6);
     const release = new Promise((go) => process.once('SIGUSR2', go));
     release.then(() => clearInterval(keepAlive));
     task('t::[n]').args({ n: Array.from({ length: 200 }, (_, n) => n) }).inProcess()
       .action(() => release);`,
    '{ parallel: 200 }',
  );
  await using screen = await opened(site, { columns: 60, rows: 15 });
  const lines = await screen.until((all) => all.at(-1) === '0 of 200 done, 200 running');
  assert.ok(lines.length <= 15);
  assert.deepEqual(comparable(lines).slice(-3), [
    '* t::10 TIME',
    '… and 189 more',
    '0 of 200 done, 200 running',
  ]);
  process.kill(Number(site.read('pid')), 'SIGUSR2');
  assert.match((await screen.ended()).join('\n'), /200 ran, 0 up to date, 0 failed/);
});

test('hostile and wide names and logs change nothing but their own lines', terminal, async () => {
  using theatre = await Theatre.open();
  using site = siteWith(
    theatre,
    "'z::*'",
    `task('z::[n]').args({ n: ['漢字の名前', 'a\\u202eb', '👩‍👩‍👧'] }).action(async (ctx) => {
       console.log('\\u001b[2J\\u001b[5A\\u001b[?25l\\u001b]0;title\\u0007top\\r✔ fake\\u202e');
       console.log('::error::x \\u001b[?1049h\\u001b[31mred');
       return obey(ctx.name);
     });`,
  );
  await using screen = await opened(site);
  const shown = await screen.until((lines) => lines.at(-1) === '0 of 3 done, 3 running');
  const drawn = comparable(shown).slice(-4, -1);
  assert.deepEqual(drawn, ['* z::漢字の名前 TIME', '* z::a\\u202eb TIME', '* z::👩‍👩‍👧 TIME']);
  for (const name of ['漢字の名前', 'a\u202eb', '👩‍👩‍👧']) await theatre.order(`z::${name}`, 'ok');
  const all = comparable(await screen.ended());
  const log = ['  │ top', '  │ ✔ fake\\u202e', '  │ ::error::x red'];
  assert.equal(all.filter((line) => log.includes(line)).length, 9, all.join('\n'));
  assert.equal(all[0], "[time] Starting 'all'...");
  assert.equal(await screen.isRestored(), true);
});

test(
  'what others print stays above the view, and a question has the terminal to itself',
  terminal,
  async () => {
    using theatre = await Theatre.open();
    using site = siteWith(
      theatre,
      "'a', 'ask', 'talk', 'here'",
      `task('a').action(act);
     gulp.task('talk', async () => {
       await obey('talk');
       process.stdout.write('half a ');
       await obey('on');
       console.log('line\\u0020of others');
     });
     task('here').inProcess().action(async (ctx) => {
       console.log('I am', await ctx.input('Who? '));
       await ctx.exec('echo', ['program of mine']);
     });
     task('ask').deps('talk', 'here').action(async (ctx) => console.log('hello', await ctx.input('Your name? ')));`,
    );
    await using screen = await opened(site);
    await theatre.started('a');
    await screen.until((lines) => lines.at(-1)?.startsWith('Who?') === true);
    await screen.press('M', 'e', 'Enter');
    await screen.until(
      (lines) =>
        lines.join('\n').includes('  │ I am Me\n  │ program of mine\n') &&
        lines.at(-1)?.includes('running') === true,
    );
    await theatre.order('talk', 'ok');
    await theatre.order('on', 'ok');
    const asked = await screen.until((lines) => lines.at(-1)?.startsWith('Your name?') === true);
    assert.ok(asked.includes('half a line of others'), asked.join('\n'));
    assert.ok(!asked.some((line) => line.includes('running')), asked.join('\n'));
    await screen.press('B', 'o', 'Enter');
    await screen.until(
      (lines) => lines.includes('  │ hello Bo') && lines.at(-1)?.endsWith('running') === true,
    );
    await theatre.order('a', 'ok');
    await screen.ended();
  },
);

for (const [how, code] of [
  ['Ctrl-C', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
  ['SIGKILL', 137],
  ['a crash', 1],
] as const) {
  test(`after ${how} the terminal is as it was, and nothing runs on`, terminal, async () => {
    using theatre = await Theatre.open();
    using site = siteWith(
      theatre,
      "'a', 'b'",
      `${two} if (!isWorker) process.on('SIGUSR2', () => { throw new Error('own mistake'); });`,
    );
    await using screen = await opened(site);
    await screen.until((lines) => lines.at(-1) === '0 of 2 done, 2 running');
    if (how === 'Ctrl-C') await screen.press('C-c');
    else process.kill(Number(site.read('pid')), how === 'a crash' ? 'SIGUSR2' : how);
    const all = comparable(await screen.ended());
    assert.equal(all.at(-1), `(exit code ${code})`);
    if (code > 1 && how !== 'SIGKILL') {
      assert.deepEqual(
        all.filter((line) => /^[⊘*\d]/.test(line)).sort((a, b) => (a > b ? -1 : 1)),
        ['⊘ b  cancelled', '⊘ a  cancelled', '0 ran, 0 up to date, 0 failed, 2 cancelled in TIME'],
      );
    }
    if (how === 'a crash') {
      // What Node prints of the error is whole, and nothing of the view stands before it.
      const text = all.join('\n');
      assert.match(text, /own mistake[\s\S]*\nNode\.js v/);
      assert.doesNotMatch(text, /^\*|\d running$/m);
    }
    assert.equal(await screen.isRestored(), true);
  });
}

for (const [name, env, options] of [
  ['TERM=dumb', { TERM: 'dumb' }, '{}'],
  ['CI', { CI: 'true' }, '{}'],
  ['dynamic: false', {}, '{ dynamic: false }'],
] as const) {
  test(`with ${name} there are lines on a terminal, and nothing moves`, terminal, async () => {
    using theatre = await Theatre.open();
    using site = siteWith(theatre, "'a'", "task('a').action(act);", options);
    await using screen = await Terminal.open(site, ['all'], undefined, env);
    await screen.shows(["[time] Starting 'all'...", '[time] ▶ a  declares no inputs']);
    await theatre.order('a', 'ok');
    await screen.ended();
  });
}

test('it is drawn ten times a second at most, however much happens', terminal, async () => {
  using theatre = await Theatre.open();
  using site = siteWith(
    theatre,
    "'n::*'",
    `const names = Array.from({ length: 300 }, (_, index) => String(index));
     task('gate').action(act);
     task('n::[i]').deps('gate').args({ i: names }).inProcess().action(async (ctx) => {
       for (let line = 0; line < 20; line++) console.log(ctx.name, line);
       await new Promise((go) => setTimeout(go, 20));
     });`,
    '{ parallel: 2 }',
  );
  await using screen = await opened(site, { columns: 80, rows: 20 });
  await screen.until((lines) => lines.at(-1) === '0 of 301 done, 1 running');
  const beganAt = performance.now();
  await screen.record('raw.txt');
  await theatre.order('gate', 'ok');
  let hasEnded = false;
  const ended = screen.ended().finally(() => {
    hasEnded = true;
  });
  // Somebody drags the window meanwhile.
  for (let step = 0; !hasEnded; step++) await screen.resize({ columns: 80 + (step % 9), rows: 20 });
  await ended;
  const frames = site.read('raw.txt').split('\u001b[?2026h').length - 1;
  const seconds = (performance.now() - beganAt) / 1000;
  assert.ok(seconds > 2, `only ${seconds} s`);
  assert.ok(frames > 5, `only ${frames} frames`);
  assert.ok(frames <= 10 * seconds + 2, `${frames} frames in ${seconds} s`);
});
