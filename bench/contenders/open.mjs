// Each contender is `{ call(value), close() }`: `call` gives back what it was given, from a worker.
import { fork, spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = (file) => fileURLToPath(new URL(file, import.meta.url));

export async function open(name, workers, peers) {
  const require = createRequire(resolve(peers ?? '.', 'package.json'));
  switch (name) {
    case 'parproc':
      return openParproc(workers);
    case 'tinypool': {
      const { default: Tinypool } = await import(require.resolve('tinypool'));
      const options = { runtime: 'child_process', minThreads: workers, maxThreads: workers };
      const pool = new Tinypool({ filename: here('echo.mjs'), ...options });
      return { call: (value) => pool.run(value), close: () => pool.destroy() };
    }
    case 'jest-worker': {
      const { Worker } = require('jest-worker');
      const options = { numWorkers: workers, exposedMethods: ['echo'] };
      const pool = new Worker(here('echo.cjs'), options);
      return { call: (value) => pool.echo(value), close: () => pool.end() };
    }
    case 'piscina': {
      const { Piscina } = require('piscina');
      const options = { minThreads: workers, maxThreads: workers };
      const pool = new Piscina({ filename: here('echo.mjs'), ...options });
      return { call: (value) => pool.run(value), close: () => pool.destroy() };
    }
    case 'fork':
      return openFork('json');
    case 'fork-advanced':
      return openFork('advanced');
    case 'raw-pipe':
      return openRawPipes(workers);
    default:
      throw new Error(`There is no contender '${name}'.`);
  }
}

async function openParproc(workers) {
  const { Pool, moduleRefs } = await import('../../dist/lib/pool/index.js');
  const { default: echo } = moduleRefs(new URL('echo.mjs', import.meta.url));
  const pool = new Pool({ processes: workers });
  const ended = async (result) =>
    result.then(
      () => {
        throw new Error('It did not fail.');
      },
      () => performance.now(),
    );
  const medianOf = async (once) => {
    const times = [];
    for (let run = 0; run < 11; run++) {
      await pool.apply(echo, [0]);
      times.push(await once());
    }
    return times.sort((a, b) => a - b)[5];
  };
  const loop = () => {
    for (;;);
  };
  return {
    call: (value) => pool.apply(echo, [value]),
    close: () => pool.terminate(),
    lost: () =>
      medianOf(async () => {
        let result;
        const pid = await new Promise((acceptCallback) => {
          result = pool.applyAsync(loop, [], { acceptCallback });
        });
        const begin = performance.now();
        process.kill(pid, 'SIGKILL');
        return (await ended(result)) - begin;
      }),
    late: () =>
      medianOf(async () => {
        let result;
        let begin;
        await new Promise((accepted) => {
          const acceptCallback = () => {
            begin = performance.now();
            accepted();
          };
          result = pool.applyAsync(loop, [], { timeout: 100, acceptCallback });
        });
        return (await ended(result)) - begin - 100;
      }),
  };
}

/** One child, one message at a time: what Node's own channel takes for a round trip. */
function openFork(serialization) {
  const child = fork(here('fork-child.mjs'), { serialization });
  let answered;
  child.on('message', (value) => answered(value));
  const call = (value) =>
    new Promise((resolve) => {
      answered = resolve;
      child.send(value);
    });
  return { call, close: () => child.kill() };
}

/** What pipes and JSON can do at best: batches in, batches out, no bookkeeping but a list. */
function openRawPipes(workers) {
  const children = Array.from({ length: workers }, () => {
    const stdio = ['ignore', 'inherit', 'inherit', 'pipe', 'pipe'];
    const child = spawn(process.execPath, [here('raw-child.mjs')], { stdio });
    const one = { child, to: child.stdio[3], text: '', waiting: [], load: 0 };
    let held = '';
    child.stdio[4].setEncoding('utf8').on('data', (chunk) => {
      const text = held + chunk;
      const end = text.lastIndexOf('\n') + 1;
      held = text.slice(end);
      if (end === 0) return;
      const answers = JSON.parse(`[${text.slice(0, end)}0]`);
      answers.pop();
      for (const [id, value] of answers) {
        waiting.get(id)(value);
        waiting.delete(id);
      }
      one.load -= answers.length;
      pump();
    });
    return one;
  });
  const waiting = new Map();
  let queue = [];
  let head = 0;
  let last = 0;
  let isDue = false;
  const pump = () => {
    for (const one of children) {
      while (head < queue.length && one.load < 64) {
        one.text += queue[head++];
        one.load += 1;
      }
      if (one.text !== '') one.to.write(one.text);
      one.text = '';
    }
    if (head === queue.length) {
      queue = [];
      head = 0;
    }
  };
  const call = (value) =>
    new Promise((resolve) => {
      const id = ++last;
      waiting.set(id, resolve);
      queue.push(`${JSON.stringify([id, value])},\n`);
      if (isDue) return;
      isDue = true;
      queueMicrotask(() => {
        isDue = false;
        pump();
      });
    });
  return { call, close: () => children.map(({ child }) => child.kill()) };
}
