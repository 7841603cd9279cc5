import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { runGulp } from '../rig/run-gulp.ts';
import { TempProject } from '../rig/temp-project.ts';

function siteWith(tasks: string, options = '{}'): TempProject {
  return new TempProject({
    'in.txt': 'x',
    'gulpfile.mjs': `
import gulp from 'gulp';
import { ignoreIfSucceeded, parproc, task } from 'parproc';
gulp.registry(parproc(${options}));
${tasks}`,
  });
}

/** What parproc printed, without the times. */
function linesOf(stdout: string): string[] {
  return stdout
    .split('\n')
    .map((line) =>
      line
        .replace(/^\[\d\d:\d\d:\d\d\] /, '')
        .replace(/(?<=(?:in|after| {2}) ?)\d[\d.]* m?s\b/, 'T')
        .replace(/logs\/[\d-]+\//, 'logs/RUN/'),
    )
    .filter((line) => /^[ ✔✖⊘=▶]/.test(line));
}

test('a failure shows the excerpt, the arguments, the place, the log and the command', async () => {
  using site = siteWith(`
task('build::[env]').args({ env: ['dev'] }).action((ctx) => {
  for (let count = 1; count <= 50; count++) console.log(count === 20 ? 'error: no such file' : count);
  const cause = new Error('ENOENT');
  throw new Error('cannot build', { cause });
});`);
  const { stdout } = await runGulp(site, ['build::dev'], { code: 1 });
  const lines = linesOf(stdout);
  assert.deepEqual(
    lines.map((line) => line.replace(/\(?file:.*/, 'FRAME')),
    [
      '▶ build::dev  declares no inputs',
      '✖ build::dev  failed after T',
      '  │ --- lines 18-22 ---',
      '  │ 18',
      '  │ 19',
      '  │ error: no such file',
      '  │ 21',
      '  │ 22',
      '  │ … 45 more lines: --logs shows all',
      '  ┃ Error: cannot build',
      '  ┃   at Object.run FRAME',
      '  ┃ caused by Error: ENOENT',
      '  ┃   at Object.run FRAME',
      '  ┃ arguments env=dev',
      '  ┃ defined at gulpfile.mjs:6:1',
      '  ┃ run it again: gulp build::dev',
      '  ┃ log: .parproc/logs/RUN/build.dev.log',
    ],
    stdout,
  );
  const log = site.read('.parproc/logs/last/build.dev.log');
  assert.match(log, /^1\n2\n[\s\S]*\n50\n\[parproc\] failed: Error: cannot build\n/);
});

test('with --logs everything is shown, and what tasks wrote that are up to date', async () => {
  using site = siteWith(`
task('talk').inputs('in.txt').action(() => {
  for (let count = 1; count <= 30; count++) console.log('line', count);
});`);
  const first = linesOf((await runGulp(site, ['talk'])).stdout);
  assert.deepEqual(first, [
    '▶ talk  first run',
    '✔ talk  T',
    '  │ … 30 more lines: --logs shows all',
  ]);
  const again = linesOf((await runGulp(site, ['talk'])).stdout);
  assert.deepEqual(again, []);
  const replayed = linesOf((await runGulp(site, ['talk', '--logs'])).stdout);
  const all = Array.from({ length: 30 }, (_, index) => `  │ line ${index + 1}`);
  assert.deepEqual(replayed, ['= talk  up to date; it wrote', ...all]);
});

test('rules for logs hold for what is shown; the file has everything', async () => {
  using site = siteWith(`
const act = (ctx, { end }) => {
  console.log('noise');
  console.log('warning: known');
  console.log('warning: new');
  if (end === 'bad') ctx.fail('bad');
};
task('a::[end]').args({ end: ['good', 'bad'] })
  .logIgnore(/noise/, ignoreIfSucceeded(/known/)).action(act);`);
  const good = linesOf((await runGulp(site, ['a::good'])).stdout);
  assert.deepEqual(good.slice(1), ['✔ a::good  T', '  │ warning: new']);
  const bad = linesOf((await runGulp(site, ['a::bad'], { code: 1 })).stdout);
  assert.deepEqual(bad.slice(2, 4), ['  │ warning: known', '  │ warning: new']);
  assert.equal(site.read('.parproc/logs/last/a.good.log'), 'noise\nwarning: known\nwarning: new\n');
});

test('huge output streams to the file and is not held in memory', {
  timeout: 120_000,
}, async () => {
  using site = siteWith(`
task('flood').action(async () => {
  const piece = ('x'.repeat(99) + '\\n').repeat(1000);
  for (let count = 0; count < 1000; count++) {
    if (!process.stdout.write(piece)) await new Promise((go) => process.stdout.once('drain', go));
  }
});
process.on('exit', () => console.log('peak', Math.round(process.resourceUsage().maxRSS / 1024)));`);
  const { stdout } = await runGulp(site, ['flood']);
  assert.match(stdout, /│ … 1000000 more lines/);
  assert.equal(site.read('.parproc/logs/last/flood.log').length, 100_000_000);
  const peakMb = Number(/^peak (\d+)$/m.exec(stdout)?.[1]);
  assert.ok(peakMb < 400, `${peakMb} MB`);
});

test('hostile names and logs stay in their files and on their lines', async () => {
  using site = siteWith(`
task('x::[...path]').args({ path: { pattern: /.*/ } }).action(() => {
  console.log('\\u001b[2J\\u001b]0;title\\u0007::error::x\\r[00:00:00] ✔ fake\\u202e');
});`);
  const { stdout } = await runGulp(site, ['x::../../../escaped \u202e']);
  // gulp prints the name itself.
  const ours = stdout.replaceAll(/^.*(?:Starting|Finished).*$/gm, '');
  assert.deepEqual(ours.match(/(?!\n)[\p{Cc}\p{Bidi_Control}]/gu), null, JSON.stringify(ours));
  assert.match(stdout, /\n {2}│ ::error::x\n {2}│ \[00:00:00\] ✔ fake\\u202e\n/);
  const names = readdirSync(join(site.folder, '.parproc/logs'), { recursive: true });
  const logs = names.filter((name) => String(name).endsWith('.log')).map(String);
  assert.equal(logs.length, 2);
  for (const name of logs) assert.match(name, /^[\d-]+\/x\.\.\._[\w.]*~\w+\.log$|^last\//);
});

test('FORCE_COLOR colours what goes to a pipe, NO_COLOR and --no-color do not', async () => {
  using site = siteWith("task('a').action(() => undefined);");
  const isColoured = async (args: string[], env: Record<string, string>): Promise<boolean> => {
    const { stdout } = await runGulp(site, args, { env });
    return stdout.includes('\u001b[36m▶');
  };
  assert.equal(await isColoured(['a'], {}), false);
  assert.equal(await isColoured(['a'], { FORCE_COLOR: '1' }), true);
  assert.equal(await isColoured(['a', '--no-color'], { FORCE_COLOR: '1' }), false);
  assert.equal(await isColoured(['a'], { NO_COLOR: '1' }), false);
});

test('on GitHub Actions output is folded and failures are annotations', async () => {
  using site = siteWith(`
task('good').action(() => console.log('::error::x ##[error]y'));
task('bad').action((ctx) => ctx.fail('bad luck'));
task('all').deps('good', 'bad');`);
  const env = { GITHUB_ACTIONS: 'true', GITHUB_WORKSPACE: site.folder, CI: 'true' };
  const { stdout } = await runGulp(site, ['all'], { code: 1, env });
  assert.match(
    stdout,
    /^::group::\[[\d:]+\] ✔ good {2}[\d.]+ m?s\n::stop-commands::([\w-]{36})\n {2}│ ::error::x ##\[error\]y\n::\1::\n::endgroup::$/m,
  );
  assert.match(
    stdout,
    /^::error file=gulpfile\.mjs,line=7,col=1,title=bad failed::bad luck$/m,
    stdout,
  );
});

test('what a task in this process writes is its output as well, and no line of --json', async () => {
  using site = siteWith(`
gulp.task('loud', async () => console.log('gulp: nothing to do with it'));
task('here').deps('loud').inProcess().action(async (ctx) => {
  console.log('one');
  await new Promise((go) => setImmediate(go));
  process.stderr.write(Buffer.from('two: é').subarray(0, -1));
  process.stderr.write(Buffer.from('é').subarray(-1));
  console.error();
  await ctx.exec('sh', ['-c', 'echo three']);
});
task('other').deps('here').inProcess().action(() => { console.log('four'); });`);
  const { stdout } = await runGulp(site, ['other', '--json', '-S']);
  const lines = stdout.trimEnd().split('\n');
  assert.deepEqual(
    lines.filter((line) => !line.startsWith('{')),
    ['gulp: nothing to do with it'],
  );
  const texts = lines
    .filter((line) => line.includes('"event":"output"'))
    .map((line) => JSON.parse(line) as { task: string; stream: string; text: string });
  const written = (task: string, stream: string): string =>
    texts
      .filter((each) => each.task === task && each.stream === stream)
      .map(({ text }) => text)
      .join('');
  assert.equal(written('here', 'stdout'), 'one\nthree\n');
  assert.equal(written('here', 'stderr'), 'two: é\n');
  assert.equal(site.read('.parproc/logs/last/here.log'), 'one\ntwo: é\nthree\n');
  assert.equal(site.read('.parproc/logs/last/other.log'), 'four\n');
});

test('a program that fails is told of by its command and exit code, and what it wrote once', async () => {
  using site = siteWith(`
for (const name of ['here', 'there']) {
  const step = task(name);
  if (name === 'here') step.inProcess();
  step.action((ctx) => ctx.exec('sh', ['-c', 'echo some of it; echo broken >&2; exit 4']));
}
task('all').deps('here', 'there');`);
  const { stdout } = await runGulp(site, ['all'], { code: 1 });
  const told = (name: string): string[] => {
    const lines = linesOf(stdout);
    const begin = lines.findIndex((line) => line.startsWith(`✖ ${name} `));
    const from = lines.slice(begin + 1);
    return from
      .slice(
        0,
        from.findIndex((line) => line.includes('  at ')),
      )
      .sort();
  };
  for (const name of ['here', 'there']) {
    assert.deepEqual(told(name), [
      '  │ broken',
      '  │ some of it',
      "  ┃ ExecaError: Command failed with exit code 4: sh -c 'echo some of it; echo broken >&2; exit 4'",
    ]);
  }
  const frames = linesOf(stdout).filter((line) => line.includes('  at '));
  assert.equal(frames.length, 2, frames.join('\n'));
  for (const frame of frames) {
    assert.match(
      frame,
      /gulpfile\.mjs:9:/,
      'the call in the build file, and nothing of the inside',
    );
  }
});

test('no log, picture, event or record has values of the environment, of params or of answers', async () => {
  using site = siteWith(
    `
import { params } from 'parproc';
params({ token: 'canary-param-' + process.env.TURN });
task('uses').env('API_TOKEN').inputs('in.txt').action((ctx) => {
  if (ctx.params.token.length < 9) throw new Error('no token');
});
task('asks').action(async (ctx) => {
  const answer = await ctx.input('Password? ', { password: true });
  await ctx.exec('sh', ['-c', 'exit 1'], { env: { PASSWORD: answer }, input: answer });
});
task('all').deps('uses', 'asks');`,
    '{ restore: true }',
  );
  for (const turn of ['one', 'two']) {
    const pictures = ['--report=o/page.html', '--timeline=o/trace.json', '--graph=o/graph.json'];
    const { stdout, stderr } = await runGulp(site, ['all', '--json', ...pictures], {
      code: 1,
      env: { API_TOKEN: `canary-env-${turn}`, TURN: turn },
      during: (child) => {
        child.stdin.end(`canary-answer-${turn}\n`);
      },
    });
    assert.match(stdout, turn === 'one' ? /never-ran/ : /env-changed[\s\S]*param-changed/);
    const files = readdirSync(site.folder, { recursive: true, encoding: 'utf8' })
      .filter((path) => path.startsWith('.parproc/') || path.startsWith('o/'))
      .filter((path) => statSync(join(site.folder, path)).isFile());
    assert.ok(files.includes('o/page.html') && files.some((path) => path.includes('cache')));
    const texts = files.map((path) => readFileSync(join(site.folder, path), 'latin1'));
    for (const text of [stdout, stderr, ...texts]) assert.doesNotMatch(text, /canary-/);
  }
});
