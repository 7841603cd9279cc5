import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RecordReader } from '../../lib/pool/record-reader.ts';

test('records come out whole, wherever the stream was cut', () => {
  const records = [
    [1, 'ä€😀'],
    ['got', 2],
    [3, { text: 'a,\nb' }],
  ];
  const bytes = Buffer.from(records.map((record) => `${JSON.stringify(record)},\n`).join(''));
  for (let size = 1; size <= bytes.length; size++) {
    const reader = new RecordReader();
    const taken: unknown[] = [];
    // One buffer for all, as a socket may have it.
    const chunk = Buffer.alloc(size);
    for (let at = 0; at < bytes.length; at += size) {
      const length = bytes.copy(chunk, 0, at);
      taken.push(...reader.take(chunk.subarray(0, length)));
    }
    assert.deepEqual(taken, records);
  }
});

test('a record in thousands of parts is joined once, not with each part', {
  timeout: 20_000,
}, () => {
  const reader = new RecordReader();
  const part = Buffer.alloc(16_384, 'x');
  const count = 6000;
  assert.deepEqual(reader.take(Buffer.from('["')), []);
  for (let taken = 0; taken < count; taken++) assert.deepEqual(reader.take(part), []);
  const [record] = reader.take(Buffer.from('"],\n')) as [[string]];
  assert.equal(record[0].length, count * part.length);
});
