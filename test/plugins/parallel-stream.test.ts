import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { GulpFile } from '../../plugins/gulp-file.ts';
import { parallelStream } from '../../plugins/parallel-stream.ts';

/** A stream whose files are done when the test says so. */
function stage(limit: number, isOrdered = true) {
  const started: number[] = [];
  const pending = new Map<number, { resolve(): void; reject(error: Error): void }>();
  const closings: boolean[] = [];
  const stream = parallelStream({
    limit,
    isOrdered,
    outputsOf: (file) =>
      new Promise((resolve, reject) => {
        const id = file as unknown as number;
        started.push(id);
        pending.set(id, { resolve: () => resolve([file]), reject });
      }),
    closed: (hasPending) => closings.push(hasPending),
  });
  return { stream, started, pending, closings };
}

const file = (id: number): GulpFile => id as unknown as GulpFile;

/** Everything that can happen without the test has happened. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await nextTurn();
}

test('no more files are under way than allowed, those that nobody has read included', async () => {
  const { stream, started, pending } = stage(3);
  for (let id = 1; id <= 8; id++) stream.write(file(id));
  await settle();
  assert.deepEqual(started, [1, 2, 3]);
  pending.get(1)?.resolve();
  pending.get(2)?.resolve();
  await settle();
  assert.deepEqual(started, [1, 2, 3], 'they are done, and nobody has read them');
  assert.equal(stream.read(), 1);
  await settle();
  assert.deepEqual(started, [1, 2, 3, 4]);
  assert.equal(stream.read(), 2);
  await settle();
  assert.deepEqual(started, [1, 2, 3, 4, 5]);
});

test('a limit of one still lets every file through', async () => {
  const { stream, pending } = stage(1);
  const read: unknown[] = [];
  for (let id = 1; id <= 40; id++) stream.write(file(id));
  stream.end();
  for (let id = 1; id <= 40; id++) {
    await settle();
    pending.get(id)?.resolve();
    await settle();
    read.push(stream.read());
  }
  await settle();
  assert.deepEqual(
    read,
    Array.from({ length: 40 }, (_, index) => index + 1),
  );
  assert.equal(stream.read(), null);
  await settle();
  assert.equal(stream.readableEnded, true);
});

test('files leave in the order in which they came, unless that is not wanted', async () => {
  for (const isOrdered of [true, false]) {
    const { stream, pending, closings } = stage(9, isOrdered);
    const read: unknown[] = [];
    stream.on('data', (id) => read.push(id));
    for (let id = 1; id <= 3; id++) stream.write(file(id));
    stream.end();
    for (const id of [3, 1, 2]) {
      await settle();
      pending.get(id)?.resolve();
    }
    await settle();
    assert.deepEqual(read, isOrdered ? [1, 2, 3] : [3, 1, 2]);
    assert.deepEqual(closings, [false]);
  }
});

test('the first error ends the stream, and what is still under way is forgotten', async () => {
  const { stream, pending, closings, started } = stage(9);
  const errors: string[] = [];
  const read: unknown[] = [];
  stream.on('error', ({ message }) => errors.push(message)).on('data', (id) => read.push(id));
  for (let id = 1; id <= 3; id++) stream.write(file(id));
  await settle();
  pending.get(2)?.reject(new Error('no'));
  await settle();
  pending.get(1)?.resolve();
  pending.get(3)?.reject(new Error('too late'));
  await settle();
  assert.deepEqual([errors, read, closings, started], [['no'], [], [true], [1, 2, 3]]);
});

test('an error with nothing else under way leaves nothing behind', async () => {
  const { stream, pending, closings } = stage(9);
  stream.on('error', () => undefined);
  stream.write(file(1));
  await settle();
  pending.get(1)?.reject(new Error('no'));
  await settle();
  assert.deepEqual(closings, [false]);
});
