import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RunEvent } from '../../lib/model/run-event.ts';
import type { EndState } from '../../lib/model/state.ts';
import { graphText } from '../../lib/report/graph-text.ts';
import { Story } from '../../lib/report/story.ts';
import { timelineText } from '../../lib/report/timeline-text.ts';

type Slice = Readonly<Record<string, unknown>>;

function wanted(task: string, deps: readonly string[] = [], isGroup = false): RunEvent {
  return { event: 'task-wanted', at: 0, run: 1, task, isGroup, deps };
}

function started(at: number, task: string, isGroup = false): RunEvent {
  return { event: 'task-started', at, run: 1, task, isGroup, reasons: [{ kind: 'never-ran' }] };
}

/** Without a worker it is gulp's own process. */
function takenUp(at: number, task: string, worker?: number): RunEvent {
  const pid = 100 + (worker ?? 0);
  return { event: 'task-taken-up', at, run: 1, task, pid, ...(worker !== undefined && { worker }) };
}

function ended(at: number, task: string, state: EndState, isGroup = false): RunEvent {
  return { event: 'task-ended', at, run: 1, task, isGroup, state };
}

const done: EndState = { kind: 'succeeded', tookMs: 1 };

function storyOf(...events: readonly RunEvent[]): Story {
  const story = new Story();
  story.take({ event: 'run-started', at: 0, run: 1 });
  for (const event of events) story.take(event);
  return story;
}

function slicesOf(story: Story): Slice[] {
  const { traceEvents } = JSON.parse(timelineText(story)) as { traceEvents: Slice[] };
  return traceEvents;
}

const two = [wanted('a'), wanted('b', ['a']), wanted('c')];

test('each worker has a row, and what overlaps in the process of gulp has several', () => {
  const story = storyOf(
    ...two,
    wanted('here'),
    wanted('there'),
    started(1, 'a'),
    started(1, 'c'),
    started(1, 'here'),
    started(1, 'there'),
    takenUp(1, 'here'),
    takenUp(1, 'there'),
    takenUp(2, 'a', 1),
    takenUp(2, 'c', 0),
    ended(3, 'a', done),
    started(4, 'b'),
    takenUp(4.5, 'b', 1),
    ended(5, 'b', { kind: 'cancelled' }),
    ended(6, 'c', done),
    ended(6, 'here', done),
    ended(6, 'there', done),
  );
  const events = slicesOf(story);
  const labels = new Map(
    events
      .filter(({ name }) => name === 'thread_name')
      .map(({ tid, args }) => [tid, (args as { name: string }).name]),
  );
  assert.deepEqual([...labels.values()], ['worker 0', 'worker 1', 'gulp', 'gulp (2)']);
  const slices = events.filter(({ ph }) => ph === 'X');
  assert.deepEqual(
    slices.map(({ name, cat, tid, ts, dur }) => [name, cat, labels.get(tid), ts, dur]),
    [
      ['a', 'succeeded', 'worker 1', 1000, 2000],
      ['b', 'cancelled', 'worker 1', 4000, 1000],
      ['c', 'succeeded', 'worker 0', 1000, 5000],
      ['here', 'succeeded', 'gulp', 1000, 5000],
      ['there', 'succeeded', 'gulp (2)', 1000, 5000],
    ],
  );
  assert.deepEqual(slices[0]?.['args'], { state: 'succeeded', process: 101, why: 'first run' });
  const load = events.filter(({ ph }) => ph === 'C');
  assert.deepEqual(
    load.map(({ args }) => (args as { running: number }).running),
    [1, 2, 3, 4, 3, 4, 3, 2, 1, 0],
  );
});

test('what did not run, and what only groups, is no slice', () => {
  const story = storyOf(
    ...two,
    wanted('all', ['a'], true),
    ended(1, 'a', { kind: 'up-to-date' }),
    started(2, 'all', true),
    takenUp(2, 'all'),
    ended(2.1, 'all', done, true),
    started(3, 'c'),
    takenUp(3, 'c', 0),
  );
  assert.deepEqual(
    slicesOf(story).filter(({ ph }) => ph === 'X'),
    [],
  );
});

test('the graph in Mermaid has a node for each task and an arrow from each dep', () => {
  const story = storyOf(...two, wanted('all', ['b', 'c'], true), ended(1, 'a', done));
  assert.deepEqual(graphText(story, 'mmd').split('\n'), [
    'flowchart LR',
    '  t0["a"]:::succeeded',
    '  t1["b"]:::wanted',
    '  t2["c"]:::wanted',
    '  t3(["all"]):::wanted',
    '  t0 --> t1',
    '  t1 --> t3',
    '  t2 --> t3',
    '  classDef succeeded fill:#b7e1b0,stroke:#555,color:#111',
    '  classDef wanted fill:#e8e8e8,stroke:#555,color:#111',
    '',
  ]);
});

test('the graph for Graphviz is the same', () => {
  assert.deepEqual(graphText(storyOf(...two), 'dot').split('\n'), [
    'digraph tasks {',
    '  rankdir=LR;',
    '  node [style=filled, fontname="sans-serif"];',
    '  t0 [label="a", shape=box, fillcolor="#e8e8e8"];',
    '  t1 [label="b", shape=box, fillcolor="#e8e8e8"];',
    '  t2 [label="c", shape=box, fillcolor="#e8e8e8"];',
    '  t0 -> t1;',
    '}',
    '',
  ]);
});

test('the graph as data says what is known of each task', () => {
  const story = storyOf(...two, started(1, 'a'), ended(3.5, 'a', done));
  const { v, tasks } = JSON.parse(graphText(story, 'json')) as { v: number; tasks: unknown[] };
  assert.deepEqual([v, tasks.length], [1, 3]);
  assert.deepEqual(tasks[0], {
    run: 1,
    task: 'a',
    isGroup: false,
    deps: [],
    state: 'succeeded',
    reasons: [{ kind: 'never-ran' }],
    tookMs: 2.5,
  });
});

test('hostile names mean nothing in any format', () => {
  const name = '"];\n</script>\u001b[2J\u202e\\"#click `${x}`';
  const story = storyOf(
    wanted(name),
    wanted('b', [name]),
    started(1, name),
    takenUp(2, name, 0),
    ended(5, name, done),
  );
  assert.equal(graphText(story, 'mmd').split('\n').length, 7);
  assert.match(graphText(story, 'mmd'), /^ {2}t0\["[^"\n<>`]+"\]:::succeeded$/m);
  assert.match(graphText(story, 'dot'), /^ {2}t0 \[label="(?:[^"\\\n]|\\.)+", shape=box/m);
  for (const text of [graphText(story, 'json'), timelineText(story)]) {
    assert.equal(text.split('\n').length, 2);
    assert.ok(text.includes(JSON.stringify(name).slice(1, 5)));
    assert.doesNotMatch(text, /[\p{Cc}\p{Bidi_Control}](?!$)/u);
    assert.ok(JSON.stringify(JSON.parse(text)).includes(JSON.stringify(name).slice(1, -1)));
  }
});
