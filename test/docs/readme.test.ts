import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { shellProject } from '../rig/run-shell.ts';
import { repository } from '../rig/temp-project.ts';
import { type Block, blocksOf, rowsOf, sectionsOf } from './markdown.ts';
import { assertTranscript, stepsOf } from './transcript.ts';

const readme = read('README.md');
const examples = readdirSync(join(repository, 'examples/parproc'))
  .filter((name) => name.endsWith('.mjs'))
  .map((name) => `examples/parproc/${name}`);

function read(path: string): string {
  return readFileSync(join(repository, path), 'utf8');
}

for (const path of examples) {
  test(`${path} prints what it says at its end`, async () => {
    const text = read(path);
    const [program = '', ...shown] = text.split(/^(?=\/\/ \$ )/m);
    const lines = shown.join('').trimEnd().split('\n');
    using project = shellProject({ [path]: program });
    await assertTranscript(project, stepsOf(lines.map((line) => line.replace(/^\/\/ ?/, ''))));
  });
}

/** The files of the last section that had some: a section without goes on with them. */
let files: readonly Block[] = [];

for (const [title, text] of sectionsOf(readme)) {
  const own = blocksOf(text);
  const ownFiles = own.filter(({ use }) => use.startsWith('file: '));
  const blocks = ownFiles.length > 0 ? own : [...files, ...own];
  if (ownFiles.length > 0) files = ownFiles;
  if (!blocks.some(({ use }) => use === 'run')) continue;
  test(`README, ${title}: the commands print what is shown`, async () => {
    using project = shellProject({
      'src/static/robots.txt': 'all',
      'src/scss/site.scss': '$c: red;\na { b { color: $c; } }\n',
    });
    await play(blocks, project);
  });
}

async function play(blocks: readonly Block[], project: ReturnType<typeof shellProject>) {
  const files = new Map<string, string>();
  for (const { use, lines } of blocks) {
    if (use === 'run') await assertTranscript(project, stepsOf(lines));
    else if (use.startsWith('file: ')) {
      const path = use.replace('file: ', '');
      files.set(path, `${files.get(path) ?? ''}${lines.join('\n')}\n\n`);
      project.write(path, files.get(path) ?? '');
    }
  }
}

test('every block of code in the README is run by a test, or says what shows it', () => {
  const uses = [...sectionsOf(readme)].flatMap(([, text]) => blocksOf(text).map(({ use }) => use));
  const odd = uses.filter(
    (use) =>
      !/^(?:run|run in the example|(?:file|part of): \S+|shown by (?:parprocfile\.example|test\/e2e\/live-view\.test)\.ts)$/.test(
        use,
      ),
  );
  assert.deepEqual(odd, []);
});

test('what the README shows of a file stands in it', () => {
  const parts = [...sectionsOf(readme).values()]
    .flatMap(blocksOf)
    .filter(({ use }) => use.startsWith('part of: '));
  assert.ok(parts.length > 0);
  const wrong = parts.filter(({ use, lines }) => {
    const file = `\n${read(use.replace('part of: ', ''))}`;
    return !file.includes(`\n${lines.join('\n')}\n`);
  });
  assert.deepEqual(wrong, []);
});

test("the code that a row of 'Coming from parproc' shows stands in its example", () => {
  const rows = rowsOf(sectionOf('Coming from parproc'));
  const wrong = rows.flatMap(([, ours = '', link = '']) => {
    const [, path] = /\((examples\/[^)#]+)/.exec(link) ?? [];
    const text = path === undefined ? undefined : squeezed(read(path));
    const later = /\bcomes? later\b/.test(ours);
    return codesIn(ours).filter((code) => !later && text?.includes(squeezed(code)) === false);
  });
  assert.deepEqual(wrong, []);
});

test('the README leads to every example, and to none that does not exist', () => {
  const linked = [...readme.matchAll(/\((examples\/parproc\/[^)#]+)/g)].map(([, path]) => path);
  assert.deepEqual([...new Set(linked)].sort(), examples.sort());
});

test('the README explains every error code, and no other', () => {
  const [, union = ''] = /export type ErrorCode =([^;]*);/.exec(read('lib/model/errors.ts')) ?? [];
  const codes = [...union.matchAll(/'([\w-]+)'/g)].map(([, code]) => code);
  assert.deepEqual(firstCodes('Error codes'), codes);
});

test('the README lists every option, step, member of ctx and function', () => {
  const known = /const known = new Set\(\s*`([^`]*)`/.exec(read('lib/model/options.ts'))?.[1] ?? '';
  assert.deepEqual(firstCodes('Options').sort(), known.split(/\s+/).sort());
  const builder = read('lib/dsl/builder-types.ts');
  const steps = builder.slice(builder.indexOf('export interface Steps'));
  assert.deepEqual(
    firstCodes('What a task can say').filter(isStep).sort(),
    [...new Set(membersOf(steps).map((name) => `.${name}`))].sort(),
  );
  const context = read('lib/model/context.ts');
  const members = membersOf(context.slice(context.indexOf('export interface TaskContext')));
  const told = firstCodes('What a task can say').filter((name) => !isStep(name));
  assert.deepEqual(told.sort(), [...new Set(members)].sort());
  const functions = [...read('lib/build/script.ts').matchAll(/^export function (\w+)/gm)];
  assert.deepEqual(
    firstCodes('Scripts without gulp').sort(),
    functions.map(([, name]) => name).sort(),
  );
});

function isStep(name: string): boolean {
  return name.startsWith('.');
}

/** What each code in the first column of a section's tables names: `.args({ … })` names `.args`. */
function firstCodes(title: string): string[] {
  return rowsOf(sectionOf(title)).flatMap(([first = '']) =>
    codesIn(first).map((code) => code.replace(/\(.*/, '')),
  );
}

function sectionOf(title: string): string {
  return sectionsOf(readme).get(title) ?? assert.fail(`the README has no section '${title}'`);
}

function codesIn(cell: string): string[] {
  return [...cell.matchAll(/(`+) ?(.+?) ?\1/g)].map(([, , code = '']) => code);
}

function membersOf(source: string): string[] {
  return [...source.matchAll(/^ {2}(?:readonly )?(\w+)(?=[(<:])/gm)].map(([, name = '']) => name);
}

function squeezed(code: string): string {
  return code.replaceAll(/\s+/g, '');
}
