import assert from 'node:assert/strict';
import { test } from 'node:test';
import { outputOf, shellProject } from '../rig/run-shell.ts';

const script = `import { copyFileSync } from 'node:fs';
import { run, task } from 'parproc';
for (const name of ['a', 'b', 'c']) {
  task(name).inputs(name + '.txt').outputs(name + '.out').action(() => copyFileSync(name + '.txt', name + '.out'));
}
const results = await Promise.all([run('a'), run('b'), run('c')]);
for (const { tasks } of results) for (const [name, { state }] of tasks) console.log(name, state);
`;

test('of requests that are made at once each is told how its own tasks ended', async () => {
  using project = shellProject({ 'script.mjs': script, 'a.txt': 'a', 'b.txt': 'b', 'c.txt': 'c' });
  const ends = async (): Promise<string[]> => {
    const lines = await outputOf(project, 'PARPROC_SILENT=1 node script.mjs');
    return lines.filter((line) => !line.startsWith('['));
  };
  assert.deepEqual(await ends(), ['a succeeded', 'b succeeded', 'c succeeded']);
  assert.deepEqual(await ends(), ['a up-to-date', 'b up-to-date', 'c up-to-date']);
  project.write('c.txt', 'C');
  assert.deepEqual(await ends(), ['a up-to-date', 'b up-to-date', 'c succeeded']);
  project.write('a.txt', 'A');
  assert.deepEqual(await ends(), ['a succeeded', 'b up-to-date', 'c up-to-date']);
});
