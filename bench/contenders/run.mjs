// Measures one contender by one metric in a process of its own, and prints one number.
// node run.mjs CONTENDER METRIC [PEERS_FOLDER]
import { performance } from 'node:perf_hooks';
import { open } from './open.mjs';

const [, , name, metric, peers] = process.argv;
const workers = 2;
const burst = 20_000;
const contender = await open(name, workers, peers);
const { call } = contender;

async function submitAll(count) {
  const calls = [];
  for (let at = 0; at < count; at++) calls.push(call(at));
  await Promise.all(calls);
}

async function submitters(count, each) {
  const one = async () => {
    for (let at = 0; at < each; at++) await call(at);
  };
  await Promise.all(Array.from({ length: count }, one));
}

const median = (numbers) => numbers.sort((a, b) => a - b)[numbers.length >> 1];

/** The middle one of seven, after one that does not count. */
async function medianBurst(figure) {
  await submitAll(burst);
  const figures = [];
  for (let run = 0; run < 7; run++) figures.push(await figure());
  return median(figures);
}

const metrics = {
  burst: () =>
    medianBurst(async () => {
      const begin = performance.now();
      await submitAll(burst);
      return burst / ((performance.now() - begin) / 1000);
    }),
  cpu: () =>
    medianBurst(async () => {
      const before = process.cpuUsage();
      await submitAll(burst);
      const { user, system } = process.cpuUsage(before);
      return (user + system) / burst;
    }),
  async submitters() {
    await submitters(16, 500);
    const begin = performance.now();
    await submitters(16, 1250);
    return 20_000 / ((performance.now() - begin) / 1000);
  },
  async latency() {
    await submitters(1, 2000);
    const times = [];
    for (let at = 0; at < 4000; at++) {
      const begin = performance.now();
      await call(at);
      times.push(performance.now() - begin);
    }
    return median(times) * 1000;
  },
  async echo() {
    const bytes = Buffer.alloc(1 << 20, 7);
    for (let at = 0; at < 20; at++) await call(bytes);
    const begin = performance.now();
    for (let at = 0; at < 150; at++) await call(bytes);
    return 150 / ((performance.now() - begin) / 1000);
  },
  lost: () => contender.lost(),
  late: () => contender.late(),
};

console.log(await metrics[metric]());
await contender.close();
process.exit(0);
