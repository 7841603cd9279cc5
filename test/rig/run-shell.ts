import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync, symlinkSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { killCarriers, survivorsOf } from './survivors.ts';
import { repository, TempProject } from './temp-project.ts';

/** A project in which a shell finds `node`, `gulp` and `grunt`, as after `npm install`. */
export function shellProject(files: Readonly<Record<string, string>> = {}): TempProject {
  const project = new TempProject(files);
  const modules = join(project.folder, 'node_modules');
  mkdirSync(join(modules, '.bin'));
  symlinkSync(join(repository, 'node_modules/gulp/bin/gulp.js'), join(modules, '.bin/gulp'));
  symlinkSync(join(repository, 'node_modules/grunt/bin/grunt'), join(modules, '.bin/grunt'));
  return project;
}

/**
 * What a command prints to both streams; its exit code is a last line if it is not 0.
 *
 * @param limitMs After so long it hangs, and is killed.
 */
export async function outputOf(
  project: TempProject,
  command: string,
  limitMs = 60_000,
): Promise<string[]> {
  const token = randomUUID();
  const path = [
    join(project.folder, 'node_modules/.bin'),
    dirname(process.execPath),
    process.env['PATH'],
  ];
  const env = { PATH: path.join(delimiter), HOME: project.folder, PARPROC_TEST_TOKEN: token };
  const child = spawn('sh', ['-c', `{ ${command}\n} 2>&1`], { cwd: project.folder, env });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    text += part;
  });
  child.stdin.end();
  const deadline = setTimeout(() => killCarriers(token), limitMs);
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  clearTimeout(deadline);
  assert.deepEqual(await survivorsOf(token), [], `left behind by ${command}\n${text}`);
  const lines = text.replace(/\n$/, '').replaceAll(project.folder, '.').split('\n');
  if (code !== 0) lines.push(`(exit code ${code})`);
  return lines.filter((line) => !line.includes('Using gulpfile') && line !== '');
}
