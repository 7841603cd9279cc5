import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PausableTimer } from '../../lib/pool/pausable-timer.ts';
import { FakeClock } from '../rig/fake-clock.ts';

function timerOf(clock: FakeClock, ms: number): { timer: PausableTimer; fired: () => number } {
  let count = 0;
  const timer = new PausableTimer(clock, ms, () => {
    count += 1;
  });
  return { timer, fired: () => count };
}

test('a timer fires once, when its time has passed', () => {
  const clock = new FakeClock();
  const { fired } = timerOf(clock, 100);
  clock.advance(99);
  assert.equal(fired(), 0);
  clock.advance(1);
  clock.advance(500);
  assert.equal(fired(), 1);
});

test('time does not pass for it while it is paused, however often', () => {
  const clock = new FakeClock();
  const { timer, fired } = timerOf(clock, 100);
  clock.advance(60);
  timer.pause();
  timer.pause();
  clock.advance(1000);
  timer.resume();
  clock.advance(1000);
  timer.resume();
  clock.advance(39);
  assert.equal(fired(), 0);
  clock.advance(1);
  assert.equal(fired(), 1);
});

test('a timer that was stopped never fires, and cannot be resumed', () => {
  const clock = new FakeClock();
  const { timer, fired } = timerOf(clock, 100);
  timer.pause();
  timer.stop();
  timer.resume();
  clock.advance(1000);
  assert.equal(fired(), 0);
  assert.equal(clock.pending, 0);
});
