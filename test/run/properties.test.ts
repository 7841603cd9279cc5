import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { clear, configure, NO_FAILURES, RunFailed, run, shared, task } from '../../lib/index.ts';

/** `PARPROC_PROPERTY_RUNS=5000` looks longer. */
const numRuns = Number(process.env['PARPROC_PROPERTY_RUNS'] ?? 150);

/** What one task of a random graph is. */
interface Part {
  readonly deps: readonly number[];
  readonly wave: number;
  readonly lock: { readonly name: string; readonly isShared: boolean } | undefined;
  readonly ending: 'succeeds' | 'fails' | 'skips';
  readonly isCautious: boolean;
  /** Tasks of its own wave or a lower one, defined before it, that it runs from inside. */
  readonly nested: readonly number[];
  /** How many turns of the event loop it takes. */
  readonly turns: number;
}

const part = fc.record({
  deps: fc.array(fc.nat(30), { maxLength: 3 }),
  wave: fc.nat(2),
  lock: fc.option(
    fc.record({ name: fc.constantFrom('one', 'two', 'pair'), isShared: fc.boolean() }),
    { nil: undefined },
  ),
  ending: fc.constantFrom('succeeds', 'succeeds', 'succeeds', 'fails', 'skips'),
  isCautious: fc.constantFrom(false, false, false, false, true),
  nested: fc.constantFrom([], [], [], [0], [1, 2]),
  turns: fc.nat(3),
}) as fc.Arbitrary<Part>;

type Mark = { readonly task: number; readonly kind: 'started' | 'ended' };

/** Deps and nested tasks come before and are of no higher wave, so that the graph makes sense. */
function sensible(raw: readonly Part[]): Part[] {
  return raw.map((each, index) => {
    const isBefore = (other: number): boolean =>
      other < index && (raw[other]?.wave ?? 0) <= each.wave;
    const deps = [...new Set(each.deps)].filter(isBefore);
    const nested = each.nested.filter(isBefore);
    return { ...each, deps, nested };
  });
}

function define(parts: readonly Part[], log: Mark[]): void {
  for (const [index, each] of parts.entries()) {
    const builder = task(`t${index}`)
      .deps(...each.deps.map((dep) => `t${dep}`), ...(each.isCautious ? [NO_FAILURES] : []))
      .wave(each.wave)
      .locks(...locksOf(each));
    builder.action(async (ctx) => {
      log.push({ task: index, kind: 'started' });
      try {
        for (let turn = 0; turn < each.turns; turn++) await new Promise(setImmediate);
        // What it runs from inside may fail, or be refused because it could never end.
        if (each.nested.length > 0) {
          await ctx.run(...each.nested.map((other) => `t${other}`)).catch(() => undefined);
        }
        if (each.ending === 'skips') ctx.skip();
        if (each.ending === 'fails') ctx.fail('as told');
        return index;
      } finally {
        log.push({ task: index, kind: 'ended' });
      }
    });
  }
}

function locksOf({ lock }: Part): (string | ReturnType<typeof shared>)[] {
  if (lock === undefined) return [];
  return [lock.isShared ? shared(lock.name) : lock.name];
}

const parallel = 3;

test('every rule of order and exclusion holds in the log of any run, and every run ends', async () => {
  process.env['PARPROC_SILENT'] = '1';
  await fc.assert(
    fc.asyncProperty(fc.array(part, { minLength: 1, maxLength: 25 }), async (raw) => {
      const parts = sensible(raw);
      const log: Mark[] = [];
      configure({ mode: 'single', cache: false, parallel, locks: { pair: 2 } });
      clear();
      define(parts, log);
      const wanted = parts.map((_, index) => `t${index}`);
      const result = await run(...wanted).catch((error: unknown) => {
        assert.ok(error instanceof RunFailed, String(error));
        return error.result;
      });
      const states = parts.map((_, index) => result?.tasks.get(`t${index}`)?.state ?? 'unknown');
      checkEnds(parts, states, log);
      checkDeps(parts, states, log);
      checkLog(parts, log);
    }),
    { numRuns },
  );
  delete process.env['PARPROC_SILENT'];
});

/** Everything wanted has ended, as it was told to or because of something else that failed. */
function checkEnds(parts: readonly Part[], states: readonly string[], log: readonly Mark[]): void {
  const ended = { succeeds: 'succeeded', fails: 'failed', skips: 'skipped' } as const;
  for (const [index, { ending, isCautious, deps }] of parts.entries()) {
    const starts = log.filter(({ task: id, kind }) => id === index && kind === 'started').length;
    if (states[index] === 'dependency-failed') {
      assert.equal(starts, 0, `t${index} did not run`);
      const isCaused = deps.some((dep) => /failed/.test(states[dep] ?? ''));
      assert.ok(isCaused || (isCautious && states.includes('failed')), `t${index} has a cause`);
    } else {
      assert.equal(states[index], ended[ending]);
      assert.equal(starts, 1, `t${index} ran once`);
    }
  }
}

/** No task starts before its deps have succeeded. */
function checkDeps(parts: readonly Part[], states: readonly string[], log: readonly Mark[]): void {
  for (const [at, { task: index, kind }] of log.entries()) {
    if (kind !== 'started') continue;
    for (const dep of parts[index]?.deps ?? []) {
      const end = log.findIndex((mark) => mark.task === dep && mark.kind === 'ended');
      assert.ok(end !== -1 && end < at, `t${dep} before t${index}`);
      assert.match(states[dep] ?? '', /succeeded|skipped/);
    }
  }
}

/** Barriers, locks and the limit. Tasks that wait for others from inside need no slot meanwhile. */
function checkLog(parts: readonly Part[], log: readonly Mark[]): void {
  const running = new Set<number>();
  for (const { task: index, kind } of log) {
    if (kind === 'ended') running.delete(index);
    else {
      for (const other of running) checkPair(parts, index, other);
      running.add(index);
      const holders = [...running].filter((each) => parts[each]?.nested.length === 0);
      assert.ok(holders.length <= parallel, 'no more than the limit');
    }
  }
  for (const [at, { task: index, kind }] of log.entries()) {
    if (kind !== 'started') continue;
    const later = log
      .slice(at)
      .filter((mark) => mark.kind === 'started')
      .map((mark) => mark.task);
    const wave = parts[index]?.wave ?? 0;
    for (const other of later)
      assert.ok((parts[other]?.wave ?? 0) >= wave, 'lower waves come first');
  }
}

function checkPair(parts: readonly Part[], a: number, b: number): void {
  const [one, other] = [parts[a], parts[b]];
  assert.equal(one?.wave, other?.wave, `t${a} and t${b} are of one wave`);
  if (one?.lock === undefined || one.lock.name !== other?.lock?.name) return;
  if (one.lock.isShared && other.lock.isShared) return;
  const isPair = one.lock.name === 'pair' && !one.lock.isShared && !other.lock.isShared;
  assert.ok(isPair, `t${a} and t${b} hold the lock '${one.lock.name}' at the same time`);
}
