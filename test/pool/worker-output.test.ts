import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { ClientJob, type JobClient } from '../../lib/pool/job.ts';
import { callOf } from '../../lib/pool/job-call.ts';
import { streamMark } from '../../lib/pool/records.ts';
import { WorkerOutput } from '../../lib/pool/worker-output.ts';

/** What one job is given, and how many of its streams have ended. */
function listening() {
  const output = new WorkerOutput(true);
  const seen: string[] = [];
  const entry = { id: 1, definition: 'any', cost: { ms: undefined } };
  const client: JobClient = {
    settled: () => undefined,
    output: (stream, text) => seen.push(`${stream}: ${text}`),
  };
  const job = new ClientJob(callOf(entry, []), client, undefined);
  output.listen(job, () => seen.push('ended'));
  const mark = (edge: 'begin' | 'end') =>
    Buffer.from(streamMark(String(output.nonce), job.id, edge));
  return { output, seen, begin: mark('begin'), end: mark('end') };
}

test('what comes on stderr together with its first mark comes after what stdout has by then', async () => {
  const { output, seen, begin, end } = listening();
  output.take('stdout', begin);
  output.take('stderr', Buffer.concat([begin, Buffer.from('second')]));
  output.take('stderr', Buffer.from(' and third'));
  await nextTurn();
  output.take('stdout', Buffer.from('first'));
  output.take('stderr', end);
  await nextTurn();
  await nextTurn();
  output.take('stdout', end);
  assert.deepEqual(seen, [
    'stdout: first',
    'stderr: second',
    'stderr:  and third',
    'ended',
    'ended',
  ]);
});

test('what waits is not lost when the stream ends', () => {
  const { output, seen, begin } = listening();
  output.take('stderr', Buffer.concat([begin, Buffer.from('last words')]));
  output.finish('stderr');
  assert.deepEqual(seen, ['stderr: last words', 'ended']);
});
