// Runs every compiled test by name: `node --test DIR` would run fixtures and rig programs as well.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';

const chosen = process.argv.slice(2);
const tests = readdirSync('dist/test', { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.test.js'))
  .filter((name) => chosen.length === 0 || chosen.some((part) => name.includes(part)))
  .sort()
  .map((name) => join('dist/test', name));
if (tests.length === 0) {
  console.error('No test matches. Give parts of file names, or nothing for all.');
  process.exit(1);
}
// Who compiles with tsc alone has neither yet, or old ones.
await import('./build-page.mjs');
await import('./bundle.mjs');
// Tests wait for processes and files for most of their time.
const atATime = Math.max(3, availableParallelism());
const words = ['--enable-source-maps', '--test', `--test-concurrency=${atATime}`, ...tests];
// What a CI or a person has set here is not to change what tests see; they set it where it matters.
const env = { ...process.env };
for (const name of ['CI', 'GITHUB_ACTIONS', 'NO_COLOR', 'FORCE_COLOR']) delete env[name];
const { status } = spawnSync(process.execPath, words, { stdio: 'inherit', env });
process.exit(status ?? 1);
