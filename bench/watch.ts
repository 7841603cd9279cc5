import { CopyTree } from './copy-tree.ts';
import { installPeers } from './peers.ts';
import { medianOf, type Row } from './row.ts';
import { type Reaction, type ToolName, Watching } from './watch-tools.ts';

/** What parproc may take from the end of the quiet period to the start of a task, in milliseconds. */
const startLimitMs = 30;

const quick: readonly ToolName[] = ['parproc', 'chokidar alone'];
const slow: readonly ToolName[] = ['gulp.watch and gulp-newer', 'wireit watch'];

type Reactions = ReadonlyMap<ToolName, readonly Reaction[]>;

/**
 * What passes from the save of a file to its copy, and until nothing is left to be done, in trees of
 * 100 and of 10,000 tasks. All tools watch trees of their own and are given their saves in turn.
 */
export async function watchRows(runs: number): Promise<Row[]> {
  installPeers();
  const few = await reactionsIn(100, runs, [...quick, ...slow], []);
  // In the large tree the others take minutes until they watch, and minutes for a save.
  const isQuick = runs < 5;
  const many = await reactionsIn(10_000, runs, quick, isQuick ? [] : slow);
  return [...rowsOf('100 tasks', few), ...rowsOf('10,000 tasks', many)];
}

/** @param slow Saved once only, at the end. */
async function reactionsIn(
  count: number,
  runs: number,
  inTurn: readonly ToolName[],
  slow: readonly ToolName[],
): Promise<Reactions> {
  const trees: CopyTree[] = [];
  const watching = new Map<ToolName, Watching>();
  const reactions = new Map<ToolName, Reaction[]>();
  const start = async (name: ToolName): Promise<Watching> => {
    const tree = new CopyTree(count);
    trees.push(tree);
    tree.fill('newer');
    const tool = await Watching.start(tree, name);
    watching.set(name, tool);
    return tool;
  };
  try {
    for (const name of inTurn) {
      reactions.set(name, []);
      await start(name);
    }
    // The first time everybody is slow.
    for (const each of watching.values()) await each.save();
    for (let run = 0; run < runs; run++) {
      for (const [name, each] of watching) reactions.get(name)?.push(await each.save());
    }
    for (const name of slow) reactions.set(name, [await (await start(name)).save()]);
  } finally {
    for (const each of watching.values()) await each.stop();
    for (const tree of trees) tree.remove();
  }
  return reactions;
}

function rowsOf(size: string, reactions: Reactions): Row[] {
  const ours = reactions.get('parproc') ?? [];
  const rows: Row[] = [];
  for (const [against, theirs] of reactions) {
    if (against === 'parproc') continue;
    const isFloor = against === 'chokidar alone';
    rows.push(rowOf(`${size}: save to copy`, against, copiesOf(ours), copiesOf(theirs), 'none'));
    if (isFloor) continue;
    rows.push(rowOf(`${size}: save to rest`, against, restsOf(ours), restsOf(theirs), 'none'));
  }
  const starts = ours.map(({ startMs = Number.NaN }) => startMs);
  const metric = `${size}: end of the quiet period to the first start`;
  rows.push(rowOf(metric, `the limit of ${startLimitMs} ms`, starts, [startLimitMs], '<= 1'));
  return rows;
}

function copiesOf(reactions: readonly Reaction[]): number[] {
  return reactions.map(({ copyMs }) => copyMs);
}

function restsOf(reactions: readonly Reaction[]): number[] {
  return reactions.map(({ idleMs }) => idleMs);
}

function rowOf(
  metric: string,
  against: string,
  ours: readonly number[],
  theirs: readonly number[],
  target: 'none' | '<= 1',
): Row {
  const [oursMedian, againstMedian] = [medianOf(ours), medianOf(theirs)];
  const ratio = oursMedian / againstMedian;
  return {
    metric,
    ours: 'parproc',
    against,
    oursMedian: Number(oursMedian.toFixed(1)),
    againstMedian: Number(againstMedian.toFixed(1)),
    unit: 'ms',
    ratio: Number(ratio.toPrecision(3)),
    target,
    ok: target === 'none' || ratio <= 1,
  };
}
