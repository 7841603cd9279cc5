import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventProblems } from '../rig/event-schema.ts';
import { repository } from '../rig/temp-project.ts';

function read(path: string): string {
  return readFileSync(join(repository, path), 'utf8');
}

/** The words behind `field: '...'` in a source. */
function wordsOf(path: string, field: string, from = '', to?: string): string[] {
  const text = read(path);
  const begin = text.indexOf(from);
  const part = text.slice(begin, to === undefined ? undefined : text.indexOf(to, begin));
  return [...part.matchAll(new RegExp(`${field}: '([\\w-]+)'`, 'g'))].map(([, word = '']) => word);
}

function constantsOf(value: unknown, field: string): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const word = key === field ? (inner as { const?: string }).const : undefined;
    return word === undefined ? constantsOf(inner, field) : [word];
  });
}

const { $defs: defs } = JSON.parse(read('schema/events.schema.json')) as {
  $defs: Record<string, unknown>;
};

test('the schema knows every event, state, reason and failure, and no other', () => {
  const known = (field: string, part: unknown): string[] =>
    [...new Set(constantsOf(part, field))].sort();
  const events = ['run-event', 'watch-event', 'service-event'].flatMap((file) =>
    wordsOf(`lib/model/${file}.ts`, 'event'),
  );
  assert.deepEqual(known('event', defs), events.sort());
  assert.deepEqual(
    known('state', defs['taskEnded']),
    wordsOf('lib/model/state.ts', 'kind', 'type EndState', '/** What can happen').sort(),
  );
  assert.deepEqual(
    known('kind', defs['staleReason']),
    wordsOf('lib/model/stale-reason.ts', 'kind').sort(),
  );
  assert.deepEqual(
    known('reason', defs['failure']),
    wordsOf('lib/model/failure.ts', 'reason', 'type TaskFailure', '/** `skip`').sort(),
  );
});

test('what is no event does not pass', () => {
  const good = { v: 1, at: 1, event: 'run-started', run: 1 };
  assert.deepEqual(eventProblems(good), []);
  for (const bad of [
    { ...good, v: 2 },
    { ...good, run: 0 },
    { ...good, event: 'run-began' },
    { ...good, more: 1 },
    { v: 1, at: 1, event: 'task-ended', run: 1, task: 'a', isGroup: false, state: 'failed' },
    {},
  ]) {
    assert.notDeepEqual(eventProblems(bad), [], JSON.stringify(bad));
  }
});

test('the schema is a part of the package', () => {
  const { files, exports } = JSON.parse(read('package.json')) as {
    files: string[];
    exports: Record<string, unknown>;
  };
  assert.ok(files.includes('schema'));
  assert.equal(exports['./events.schema.json'], './schema/events.schema.json');
});
