// One run of the schedule benchmark in a process of its own: prints the microseconds per task.
// Arguments: who runs it, the shape of the graph, how many tasks.
import { clear, configure, run, task } from '../lib/index.ts';

type Measure = (count: number) => Promise<void>;

const nothing = (): void => undefined;

/** Each defines tasks and gives the names to ask for. */
const shapes: Readonly<Record<string, (count: number) => string[]>> = {
  chain(count) {
    task('chain::[n]')
      .args({ n: Number })
      .deps(({ n }) => (n === 0 ? [] : `chain::${n - 1}`))
      .action(nothing);
    return [`chain::${count - 1}`];
  },
  independent(count) {
    task('one::[n]').action(nothing);
    return numbered('one::', count);
  },
  waves(count) {
    for (let wave = 0; wave < 100; wave++) task(`wave-${wave}::[n]`).wave(wave).action(nothing);
    return Array.from({ length: count }, (_, n) => `wave-${n % 100}::${n}`);
  },
  lock(count) {
    task('one::[n]').locks('the-lock').action(nothing);
    return numbered('one::', count);
  },
  plain(count) {
    task('plain-0').action(nothing);
    for (let n = 1; n < count; n++) {
      task(`plain-${n}`)
        .deps(`plain-${n - 1}`)
        .action(nothing);
    }
    return [`plain-${count - 1}`];
  },
};

function numbered(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, n) => prefix + n);
}

function ours(shape: string): Measure {
  return async (count) => {
    const names = shapes[shape]?.(count) ?? [];
    const { tasks } = await run(names);
    if (tasks.size !== count) throw new Error(`${tasks.size} of ${count} tasks were run.`);
  };
}

async function theirs(shape: string): Promise<Measure> {
  const { default: gulp } = await import('gulp');
  return (count) => {
    const functions = Array.from({ length: count }, () => (done: () => void) => done());
    const all = shape === 'chain' ? gulp.series(functions) : gulp.parallel(functions);
    return new Promise((resolve, reject) => {
      all((error) => (error ? reject(error) : resolve()));
    });
  };
}

const [who = '', shape = '', count = ''] = process.argv.slice(2);
configure({ mode: 'single', cache: false });
const measure = who === 'parproc' ? ours(shape) : await theirs(shape);
// The code is compiled and the heap has grown: what is measured is the work.
for (let round = 0; round < 3; round++) {
  await measure(1000);
  clear();
}
const begin = performance.now();
await measure(Number(count));
console.log(((performance.now() - begin) * 1000) / Number(count));
