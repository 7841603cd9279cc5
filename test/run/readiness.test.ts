import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Readiness } from '../../lib/run/readiness.ts';
import { FakeClock } from '../rig/fake-clock.ts';

const still = { after: () => () => undefined, isListening: () => Promise.resolve(false) };

/** How often a service is found ready that writes these. */
function timesReady(line: RegExp, ...chunks: readonly (readonly [string, 'stderr'?])[]): number {
  let times = 0;
  const { source, flags } = line;
  const readiness = new Readiness({ kind: 'line', source, flags }, still, () => times++);
  for (const [text, stream = 'stdout'] of chunks) readiness.take(stream, text);
  return times;
}

test('a line counts however it is split into pieces', () => {
  const text = 'starting\nlistening at 4571\n';
  for (let at = 0; at <= text.length; at++) {
    assert.equal(timesReady(/^listening at 4571$/, [text.slice(0, at)], [text.slice(at)]), 1);
  }
  assert.equal(timesReady(/^listening at 4571$/, ...[...text].map((each) => [each] as const)), 1);
});

test('a line that has not ended counts, and one is enough', () => {
  assert.equal(timesReady(/ready/, ['I am rea'], ['dy'], [' indeed\nready\n']), 1);
});

test('pieces of different streams make no line', () => {
  assert.equal(timesReady(/ready/, ['rea'], ['dy', 'stderr']), 0);
  assert.equal(timesReady(/ready/, ['rea'], ['ready', 'stderr']), 1);
});

test('colours and the ends of lines do not count', () => {
  assert.equal(
    timesReady(/^ready in 3 ms$/, ['\u001b[32mready\u001b[39m in \u001b[1m3 ms\u001b[22m\r\n']),
    1,
  );
  assert.equal(timesReady(/a\nb/, ['a\nb\n']), 0);
});

test('of a line that does not end the end is looked at', () => {
  assert.equal(timesReady(/xready$/, ['x'.repeat(200_000)], ['ready']), 1);
});

test('a port is looked at until something listens there, and no more after that', async () => {
  const clock = new FakeClock();
  const answers = [false, false, true];
  let looks = 0;
  const isListening = (): Promise<boolean> => Promise.resolve(answers[looks++] ?? true);
  const ready = new Promise<void>((resolve) => {
    new Readiness({ kind: 'port', port: 1 }, { after: clock.after, isListening }, resolve);
  });
  for (let round = 0; round < 3; round++) {
    await Promise.resolve();
    assert.equal(clock.pending, round < 2 ? 1 : 0);
    clock.advance(25);
  }
  await ready;
  assert.equal(looks, 3);
  assert.equal(clock.pending, 0);
});
