// Finds the modules that a run with nothing to do has a use for (`first-modules.json`): what the first file of the
// bundle holds. Users load it before it is known whether there is anything to do. Run it when that has become
// other modules: `node scripts/find-first-modules.mjs`. A test tells when one is missing.
import { spawnSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const list = 'scripts/first-modules.json';
const core = resolve('dist/bundle/core/core.cjs');
const gulpfile = `
import gulp from 'gulp';
import { parproc, task } from 'parproc';
const { now } = Date;
Date.now = () => now() + 10_000 * Number(process.env.RUN);
gulp.registry(parproc({ globalInputs: ['gulpfile.mjs'], locks: { disk: 1 } }));
task('copy::[i]::[env]').args({ i: Number, env: ['dev', 'prod'] }).defaults({ level: 1 })
  .deps(({ i, env }) => (i < 3 ? ['copy::' + (i + 1) + '::' + env] : []))
  .inputs('src/[i].txt').outputs('out/[i].[env].txt').locks('disk').timeout('1m').inProcess()
  .action((ctx, { i, env }) => import('node:fs').then((fs) =>
    fs.copyFileSync('src/' + i + '.txt', 'out/' + i + '.' + env + '.txt')));
task('first').inputs('src/0.txt').outputs('out/first.txt').inProcess()
  .action(() => import('node:fs').then((fs) => fs.copyFileSync('src/0.txt', 'out/first.txt')));
task('other').inputs((args) => ['src/*.txt']).ignore('src/1.txt').env('HOME').action(() => 1);
task('all').deps('first', 'copy::0::dev', 'copy::0::prod');
gulp.task('both', gulp.series('all', 'copy::0::dev'));
export const clean = (done) => done();
export const build = gulp.parallel('all', clean);
`;

const folder = mkdtempSync(join(tmpdir(), 'parproc-first-'));
try {
  makeProject();
  // All that is called once everything is in the first file, and then what is loaded without being called.
  writeList(readdirSync('lib', { recursive: true, encoding: 'utf8' }).filter(isModule).map(named));
  bundle('--plain');
  settle();
  writeList(calledModules());
  for (let missing = lateModules(); missing.length > 0; missing = lateModules()) {
    writeList([...JSON.parse(readFileSync(list, 'utf8')), ...missing]);
  }
} finally {
  rmSync(folder, { recursive: true });
}
bundle();

function makeProject() {
  for (const name of ['src', 'out', 'node_modules']) mkdirSync(join(folder, name));
  for (let at = 0; at < 4; at++) writeFileSync(join(folder, `src/${at}.txt`), `${at}`);
  writeFileSync(join(folder, 'gulpfile.mjs'), gulpfile);
  symlinkSync(resolve('.'), join(folder, 'node_modules/parproc'));
  symlinkSync(resolve('node_modules/gulp'), join(folder, 'node_modules/gulp'));
}

/** Builds, and has nothing to do until that is noted. */
function settle() {
  for (let run = 1; run < 4; run++) gulp({ RUN: `${run}` });
}

function calledModules() {
  const coverage = join(folder, 'coverage');
  gulp({ RUN: '4', NODE_V8_COVERAGE: coverage });
  const [file] = readdirSync(coverage);
  const { result } = JSON.parse(readFileSync(join(coverage, file), 'utf8'));
  const { functions } = result.find(({ url }) => url.endsWith('/core/core.cjs'));
  const source = readFileSync(core, 'utf8');
  const modules = [...source.matchAll(/^\/\/ (lib\/\S+\.ts)$/gm)];
  return modules.flatMap(({ 1: name, index }, at) => {
    const end = modules[at + 1]?.index ?? source.length;
    const isCalled = functions.some(
      ({ functionName, ranges: [{ startOffset, endOffset, count }] }) =>
        startOffset > index &&
        endOffset <= end &&
        count > 0 &&
        functionName !== name &&
        functionName !== '<static_initializer>',
    );
    return isCalled ? [name] : [];
  });
}

/** What the second file is asked for. */
function lateModules() {
  bundle();
  settle();
  const found = ['all', 'copy::0::dev'].flatMap((task) => {
    const { stderr } = gulp({ RUN: '4', NODE_DEBUG: 'parproc' }, task);
    return [...stderr.matchAll(/ late: (\S+)/g)].map(([, name]) => name);
  });
  return [...new Set(found)];
}

function gulp(env, task = 'all') {
  const args = [resolve('node_modules/gulp/bin/gulp.js'), task];
  const ended = spawnSync(process.execPath, args, {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
  if (ended.status !== 0) throw new Error(ended.stdout + ended.stderr);
  return ended;
}

function bundle(...args) {
  const { status } = spawnSync(process.execPath, ['scripts/bundle.mjs', ...args], {
    stdio: 'inherit',
  });
  if (status !== 0) throw new Error('The bundle could not be made');
}

function writeList(modules) {
  writeFileSync(list, `${JSON.stringify([...new Set(modules)].sort(), null, 2)}\n`);
}

function isModule(name) {
  return name.endsWith('.ts') && !name.endsWith('.d.ts');
}

function named(name) {
  return join('lib', name).replaceAll('\\', '/');
}
