import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { hasEnded, hasSucceeded, type TaskEvent } from '../../lib/model/state.ts';
import { blockersOf } from '../../lib/plan/blockers.ts';
import { addDeps, addNodes } from '../../lib/plan/grow.ts';
import type { NodeId } from '../../lib/plan/lock-table.ts';
import { nextMove } from '../../lib/plan/next-move.ts';
import { type Change, emptyPlan, failureIn, nodeOf, type Plan } from '../../lib/plan/plan.ts';
import type { NewNode } from '../../lib/plan/plan-node.ts';
import { record } from '../../lib/plan/record.ts';
import type { WaitStep } from '../../lib/plan/wait-graph.ts';
import { park, stalledWaits, waitProblem, wantResume } from '../../lib/plan/waits.ts';
import {
  cancelled,
  claim,
  failed,
  newNode,
  skipped,
  started,
  succeeded,
  upToDate,
} from './plan-rig.ts';

const capacities = new Map([['b', 2]]);

/** One node as fast-check makes it up; numbers are taken modulo what there is. */
interface Sketch {
  readonly deps: readonly number[];
  readonly wave: number | undefined;
  readonly locks: readonly string[];
  readonly noFailures: boolean;
  readonly needsSlot: boolean;
  readonly run: number;
  readonly family: number;
  readonly weightMs: number;
  readonly batch: number;
  readonly end: 'succeeded' | 'skipped' | 'failed' | 'up-to-date' | 'cancelled';
  readonly waits: readonly number[] | undefined;
}

const ends = [
  'succeeded',
  'succeeded',
  'succeeded',
  'skipped',
  'up-to-date',
  'failed',
  'cancelled',
] as const;

function sketch(endings: readonly Sketch['end'][], batches: number): fc.Arbitrary<Sketch> {
  return fc.record({
    deps: fc.array(fc.nat(20), { maxLength: 2 }),
    wave: fc.constantFrom(0, 0, 0, 1, 2, undefined),
    locks: fc.uniqueArray(fc.constantFrom('a', '~a', 'b', '~b', 'c', '~c'), {
      maxLength: 3,
      selector: (lock) => claim(lock).name,
    }),
    noFailures: fc.constantFrom(false, false, false, true),
    needsSlot: fc.constantFrom(true, true, true, false),
    run: fc.constantFrom(1, 1, 1, 2),
    family: fc.nat(2),
    weightMs: fc.nat(5),
    batch: fc.nat(batches),
    end: fc.constantFrom(...endings),
    waits: fc.option(fc.array(fc.nat(20), { maxLength: 2 }), { nil: undefined, freq: 2 }),
  });
}

/** Nodes of a graph as the graph folder would let it pass: no cycles, deps in lower waves or equal. */
function nodesOf(sketches: readonly Sketch[]): NewNode[] {
  const nodes: NewNode[] = [];
  const reach: number[] = [];
  for (const [id, each] of sketches.entries()) {
    const known = nodes.filter(({ run }) => run === each.run);
    const batchOf = (node: NewNode): number => sketches[node.id]?.batch ?? 0;
    const reachable = known.filter((node) => batchOf(node) <= each.batch);
    const deps =
      reachable.length === 0 ? [] : each.deps.map((n) => reachable[n % reachable.length]);
    const ids = [...new Set(deps.flatMap((dep) => (dep === undefined ? [] : [dep.id])))];
    const lowest = Math.max(0, ...ids.map((dep) => reach[dep] ?? 0));
    const wave = each.wave === undefined ? undefined : Math.max(each.wave, lowest);
    reach.push(Math.max(lowest, wave ?? 0));
    const { locks, noFailures, needsSlot, run, weightMs } = each;
    nodes.push(
      newNode(id, {
        deps: ids,
        wave,
        locks,
        noFailures: noFailures && wave !== undefined,
        needsSlot,
        run,
        family: `f${each.family}`,
        weightMs,
      }),
    );
  }
  return nodes;
}

/** Runs a plan and checks each step against the rules, from what it has seen itself. */
class Driver {
  readonly plan: Plan;
  readonly known = new Map<NodeId, NewNode>();
  readonly ended = new Map<NodeId, string>();
  readonly running = new Set<NodeId>();
  readonly parked = new Map<NodeId, readonly NodeId[] | undefined>();
  readonly begun = new Set<NodeId>();
  readonly failedRuns = new Set<number>();
  readonly slotCount: number;

  constructor(slotCount: number, maxParked = 3) {
    this.slotCount = slotCount;
    this.plan = emptyPlan({ slotCount, capacities, maxParked });
  }

  add(nodes: readonly NewNode[]): void {
    for (const node of nodes) this.known.set(node.id, node);
    this.hear(addNodes(this.plan, nodes));
  }

  need(target: NodeId, dep: NodeId): void {
    const node = this.of(target);
    this.known.set(target, { ...node, deps: [...new Set([...node.deps, dep])] });
    this.hear(addDeps(this.plan, [{ target, dep }]));
  }

  of(id: NodeId): NewNode {
    const node = this.known.get(id);
    assert.ok(node);
    return node;
  }

  hear(changes: readonly Change[]): void {
    for (const { id, event } of changes) {
      assert.ok(!this.begun.has(id), `t${id} was in hand and is ended in consequence`);
      assert.ok(!this.ended.has(id), `t${id} ended twice`);
      this.ended.set(id, event.kind);
      if (event.kind !== 'dependency-failed') continue;
      assert.equal(this.plan.nodes.get(Number(event.cause.slice(1)))?.state.kind, 'failed');
    }
  }

  end(id: NodeId, event: TaskEvent): void {
    this.running.delete(id);
    this.parked.delete(id);
    this.ended.set(id, event.kind);
    if (event.kind === 'failed') this.failedRuns.add(this.of(id).run);
    this.hear(record(this.plan, id, event));
    for (const run of [1, 2]) {
      assert.equal(failureIn(this.plan, run) !== undefined, this.failedRuns.has(run));
    }
  }

  park(id: NodeId, targets: readonly NodeId[]): void {
    this.running.delete(id);
    this.parked.set(id, targets);
    this.hear(park(this.plan, id, targets));
  }

  /** Parked tasks whose targets have ended want to go on. */
  resumeSatisfied(): void {
    for (const [id, targets] of this.parked) {
      if (targets === undefined || targets.length === 0) continue;
      if (targets.every((target) => this.ended.has(target))) this.wantResume(id);
    }
  }

  wantResume(id: NodeId): void {
    this.parked.set(id, undefined);
    wantResume(this.plan, id);
  }

  /** Does all that can be done, checks that nothing else could. */
  move(onStart?: (id: NodeId, free: readonly NodeId[]) => void): void {
    for (;;) {
      this.resumeSatisfied();
      const free = this.unblocked();
      const move = nextMove(this.plan);
      if (move === undefined) {
        assert.deepEqual(free, [], 'nothing blocks them, and they do not start');
        return;
      }
      assert.ok(free.includes(move.id), `t${move.id} starts in spite of its blockers`);
      if (move.kind === 'start') {
        onStart?.(move.id, free);
        this.checkStart(move.id);
        this.begun.add(move.id);
      } else this.parked.delete(move.id);
      this.running.add(move.id);
      const busy = [...this.running].filter((id) => this.of(id).needsSlot);
      assert.ok(busy.length <= this.slotCount, 'more in hand than there are slots');
    }
  }

  unblocked(): NodeId[] {
    return [...this.known.keys()].filter((id) => {
      const isWaiting = !this.ended.has(id) && !this.running.has(id);
      return isWaiting && blockersOf(id, this.plan).length === 0;
    });
  }

  checkStart(id: NodeId): void {
    const node = this.of(id);
    assert.ok(!this.begun.has(id) && !this.ended.has(id), 'twice');
    for (const dep of node.deps) {
      assert.ok(hasSucceeded(nodeOf(this.plan, dep).state), `t${id} before its dep t${dep}`);
    }
    for (const other of this.known.values()) {
      if (other.id === id || this.ended.has(other.id)) continue;
      if (this.begun.has(other.id)) this.checkLocks(node, other);
      if (other.run !== node.run || node.wave === undefined || other.wave === undefined) continue;
      assert.ok(other.wave >= node.wave, `t${id} before t${other.id} of a lower wave`);
    }
    if (node.noFailures) this.checkNoFailures(node);
  }

  checkLocks(node: NewNode, holder: NewNode): void {
    for (const { name, mode } of node.locks) {
      const held = holder.locks.find((lock) => lock.name === name);
      if (held === undefined || (held.mode === 'shared' && mode === 'shared')) continue;
      assert.equal(held.mode, mode, `${name} both shared and exclusive`);
      const holders = [...this.begun].filter((id) => {
        return !this.ended.has(id) && this.of(id).locks.some((lock) => lock.name === name);
      });
      assert.ok(holders.length < (capacities.get(name) ?? 1), `${name} is over its capacity`);
    }
  }

  checkNoFailures(node: NewNode): void {
    assert.ok(!this.failedRuns.has(node.run), `t${node.id} after a failure`);
    for (const other of this.known.values()) {
      if (other.run !== node.run || other.id === node.id || this.ended.has(other.id)) continue;
      if (other.noFailures || other.wave === undefined || (node.wave ?? 0) < other.wave) continue;
      const needs = this.needsOf(other.id, false);
      if ([...needs].some((id) => this.of(id).noFailures)) continue;
      assert.ok(this.needsOf(other.id, true).has(node.id), `t${node.id} before t${other.id}`);
    }
  }

  /** What a node depends on, however indirectly, and with `waits` what is waited for as well. */
  needsOf(id: NodeId, waits: boolean): Set<NodeId> {
    const found = new Set([id]);
    for (const each of found) {
      for (const dep of this.of(each).deps) found.add(dep);
      if (waits) for (const target of this.parked.get(each) ?? []) found.add(target);
    }
    found.delete(id);
    return found;
  }
}

function endOf(kind: Sketch['end']): TaskEvent {
  if (kind === 'failed') return failed;
  return kind === 'skipped' ? skipped : kind === 'cancelled' ? cancelled : succeeded;
}

interface Story {
  readonly slotCount: number;
  readonly sketches: readonly Sketch[];
  readonly choices: readonly number[];
}

function story(endings: readonly Sketch['end'][], batches: number): fc.Arbitrary<Story> {
  return fc.record({
    slotCount: fc.integer({ min: 1, max: 4 }),
    sketches: fc.array(sketch(endings, batches), { minLength: 1, maxLength: 16 }),
    choices: fc.array(fc.nat(1000), { minLength: 60, maxLength: 60 }),
  });
}

function play({ slotCount, sketches, choices }: Story): void {
  const nodes = nodesOf(sketches);
  const driver = new Driver(slotCount);
  const batches = [0, 1, 2, 3].map((batch) => {
    return nodes.filter(({ id }) => sketches[id]?.batch === batch);
  });
  const hasWaited = new Set<NodeId>();
  let step = 0;
  const choose = (count: number): number => (choices[step++ % choices.length] ?? 0) % count;
  const addNext = (): boolean => {
    const batch = batches.shift();
    if (batch !== undefined) driver.add(batch);
    return batch !== undefined;
  };
  addNext();
  for (;;) {
    driver.move();
    if (choose(4) === 0) {
      addNext();
      needMore(driver, choose);
      driver.move();
    }
    const [running, paused] = [[...driver.running], pausedIn(driver)];
    const all = [...running, ...paused];
    const id = all[choose(Math.max(1, all.length))];
    if (id === undefined) {
      if (unendedIn(driver).length === 0) {
        if (addNext()) continue;
        return;
      }
      const stalled = stalledWaits(driver.plan);
      assert.ok(stalled.length > 0, 'nothing moves, and nothing is stalled');
      for (const each of stalled) assert.ok(driver.parked.get(each)?.length);
      const [first] = stalled;
      assert.ok(first !== undefined);
      driver.end(first, failed);
      continue;
    }
    assert.deepEqual(stalledWaits(driver.plan), [], 'stalled while something can move');
    if (driver.parked.has(id)) driver.wantResume(id);
    else goOn(driver, id, sketches, hasWaited);
  }
}

/** A task in hand waits, if it has not yet, or ends. */
function goOn(driver: Driver, id: NodeId, sketches: readonly Sketch[], done: Set<NodeId>): void {
  const { waits, end = 'succeeded' } = sketches[id] ?? {};
  const isFresh = nodeOf(driver.plan, id).state.kind === 'wanted';
  if (isFresh && end === 'up-to-date') {
    driver.end(id, upToDate);
    return;
  }
  if (isFresh) record(driver.plan, id, started);
  if (waits !== undefined && !done.has(id)) {
    done.add(id);
    const ids = [...driver.known.keys()];
    const targets = waits.map((n) => ids[n % ids.length] ?? 0);
    const isPause = targets.length === 0;
    const isOver = !isPause && targets.every((target) => driver.ended.has(target));
    if (isOver || waitProblem(driver.plan, id, targets) !== undefined) return;
    driver.park(id, targets);
    return;
  }
  driver.end(id, endOf(end));
}

function needMore(driver: Driver, choose: (count: number) => number): void {
  const ids = [...driver.known.keys()];
  const [target, dep] = [ids[choose(ids.length || 1)], ids[choose(ids.length || 1)]];
  if (target === undefined || dep === undefined || target === dep) return;
  const [one, other] = [driver.of(target), driver.of(dep)];
  const isOpen = !driver.ended.has(target) && !driver.begun.has(target);
  const isInWave = one.wave !== undefined && other.wave !== undefined && other.wave <= one.wave;
  const isSafe = [dep, ...driver.needsOf(dep, false)].every((each) => {
    return each !== target && (driver.of(each).wave ?? 0) <= (one.wave ?? 0);
  });
  if (isOpen && isInWave && isSafe && one.run === other.run) driver.need(target, dep);
}

function pausedIn({ parked }: Driver): NodeId[] {
  return [...parked].filter(([, targets]) => targets?.length === 0).map(([id]) => id);
}

function unendedIn({ known, ended }: Driver): NodeId[] {
  return [...known.keys()].filter((id) => !ended.has(id));
}

const checks = { numRuns: 400, includeErrorInReport: true };

test('every rule holds in any order of events, and everything wanted ends', () => {
  fc.assert(fc.property(story(ends, 3), play), checks);
});

const question: fc.Arbitrary<Question> = fc.record({
  steps: fc.nat(30),
  wanted: fc.array(fc.nat(15), { minLength: 1, maxLength: 2 }),
  who: fc.nat(15),
});

test('a wait that could end is never refused', () => {
  const property = fc.property(story(['succeeded'], 0), question, (told, asked) => {
    const answer = ask(told, asked);
    if (answer?.isRefused) assert.ok(answer.isStuck, 'refused, and it could end');
  });
  fc.assert(property, checks);
});

test('a wait that can never end is refused, where all that has locks has come for them', () => {
  const property = fc.property(story(['succeeded'], 0), question, (told, asked) => {
    const sketches = told.sketches.map((each) => {
      return each.locks.length === 0 ? each : { ...each, deps: [], wave: 0, noFailures: false };
    });
    const answer = ask({ ...told, sketches }, asked);
    assert.equal(answer?.isRefused, answer?.isStuck);
  });
  fc.assert(property, checks);
});

interface Question {
  readonly steps: number;
  readonly wanted: readonly number[];
  readonly who: number;
}

/**
 * Runs a plan for some steps, lets a running task wait whether it is refused or not, and sees
 * whether it is stuck when everything else has ended that can.
 */
function ask(
  { slotCount, sketches, choices }: Story,
  { steps, wanted, who }: Question,
): { isRefused: boolean; isStuck: boolean } | undefined {
  const driver = new Driver(slotCount, 99);
  driver.add(nodesOf(sketches));
  const hasWaited = new Set<NodeId>();
  for (let step = 0; ; step++) {
    driver.move();
    const running = [...driver.running];
    const id = running[(choices[step % choices.length] ?? 0) % Math.max(1, running.length)];
    if (id === undefined) return undefined;
    if (step < steps) {
      goOn(driver, id, sketches, hasWaited);
      continue;
    }
    const waiter = running[who % running.length] ?? id;
    const targets = wanted.map((n) => n % sketches.length);
    if (targets.every((target) => driver.ended.has(target))) return undefined;
    const problem = waitProblem(driver.plan, waiter, targets);
    if (problem?.kind === 'cycle') checkChain(problem.path, waiter);
    driver.park(waiter, targets);
    endAll(driver, choices);
    const isStuck = !hasEnded(nodeOf(driver.plan, waiter).state);
    return { isRefused: problem !== undefined, isStuck };
  }
}

/** Ends everything that can end, in an order of choice. */
function endAll(driver: Driver, choices: readonly number[]): void {
  for (let step = 0; ; step++) {
    driver.move();
    const all = [...driver.running, ...pausedIn(driver)];
    const id = all[(choices.at(-1 - (step % choices.length)) ?? 0) % Math.max(1, all.length)];
    if (id === undefined) return;
    if (nodeOf(driver.plan, id).state.kind === 'wanted') record(driver.plan, id, started);
    driver.end(id, succeeded);
  }
}

function checkChain(path: readonly WaitStep[], waiter: NodeId): void {
  assert.equal(path[0]?.from, waiter);
  assert.equal(path.at(-1)?.to, waiter);
  for (const [at, { from }] of path.entries()) if (at > 0) assert.equal(path[at - 1]?.to, from);
}

test('of what can start, the longest remaining path starts first, then a rare family, then who came first', () => {
  fc.assert(
    fc.property(story(['succeeded'], 2), (told) => {
      const nodes = nodesOf(
        told.sketches.map((each) => ({ ...each, noFailures: false, waits: undefined })),
      );
      const driver = new Driver(told.slotCount);
      const rank = (id: NodeId): number[] => {
        const family = driver.of(id).family;
        const busy = [...driver.running].filter(
          (each) => driver.of(each).family === family && driver.of(each).needsSlot,
        );
        return [-pathFrom(driver, id), busy.length, id];
      };
      const onStart = (id: NodeId, free: readonly NodeId[]): void => {
        const others = free.filter((each) => driver.of(each).needsSlot);
        if (!driver.of(id).needsSlot) return;
        assert.equal(others.length, free.length, 'what needs no slot starts before all');
        const [best] = others.map(rank).sort((a, b) => compare(a, b));
        assert.deepEqual(rank(id), best);
      };
      for (const batch of [0, 1, 2]) {
        driver.add(nodes.filter(({ id }) => told.sketches[id]?.batch === batch));
        driver.move(onStart);
        for (let n = 0; n < 3 || (batch === 2 && driver.running.size > 0); n++) {
          const running = [...driver.running];
          const id = running[(told.choices[n % 60] ?? 0) % Math.max(1, running.length)];
          if (id === undefined) break;
          record(driver.plan, id, started);
          driver.end(id, succeeded);
          driver.move(onStart);
        }
      }
      assert.deepEqual(unendedIn(driver), []);
    }),
    checks,
  );
});

function pathFrom(driver: Driver, id: NodeId): number {
  const dependants = [...driver.known.values()].filter(({ deps }) => deps.includes(id));
  const rest = dependants.map((each) => pathFrom(driver, each.id));
  return (driver.of(id).weightMs ?? 0) + Math.max(0, ...rest);
}

function compare(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((each, index) => each !== b[index]);
  return at < 0 ? 0 : (a[at] ?? 0) - (b[at] ?? 0);
}
