import type { EventEmitter } from 'node:events';
import type { Transform } from 'node:stream';
import through2 from 'through2';
import type { GulpFile } from './gulp-file.ts';

/** What a stream does with its files, several at a time. */
export interface ParallelWork {
  /** How many files are under way, or done and not taken yet, at most. */
  readonly limit: number;
  /** Whether files leave in the order in which they came. */
  readonly isOrdered: boolean;
  /** What becomes of a file. A rejection ends the stream. */
  outputsOf(file: GulpFile): Promise<readonly GulpFile[]>;
  /** Called once, when the stream has ended or was destroyed. */
  closed(hasPending: boolean): void;
}

/** The place of one file in the order. */
interface Slot {
  outputs?: readonly GulpFile[];
}

/** An object stream that works on several files at a time, and takes no more while it is full. */
export function parallelStream(work: ParallelWork): Transform {
  const slots: Slot[] = [];
  let takeNext: (() => void) | undefined;
  let finish: (() => void) | undefined;

  const stream = through2.obj(
    (file: GulpFile, _encoding: string, done: () => void) => {
      const slot: Slot = {};
      slots.push(slot);
      work.outputsOf(file).then(
        (outputs) => {
          slot.outputs = outputs;
          advance();
        },
        (error: unknown) => {
          slots.splice(slots.indexOf(slot), 1);
          fail(error as Error);
        },
      );
      takeNext = done;
      advance();
    },
    (done: () => void) => {
      finish = done;
      advance();
    },
  ) as Transform;

  function advance(): void {
    if (stream.destroyed) return;
    emitReady();
    if (slots.length + stream.readableLength < work.limit) {
      const take = takeNext;
      takeNext = undefined;
      take?.();
    }
    if (slots.length > 0) return;
    const end = finish;
    finish = undefined;
    end?.();
  }

  function emitReady(): void {
    for (let at = 0; at < slots.length; ) {
      const outputs = slots[at]?.outputs;
      if (outputs !== undefined) {
        slots.splice(at, 1);
        for (const output of outputs) stream.push(output);
      } else if (work.isOrdered) return;
      else at += 1;
    }
  }

  // gulp 5 listens to our errors for itself alone, so that Node takes them for handled and the
  // pipeline would stand still (gulp: issue 2812).
  let deafCount = 0;
  stream.on('pipe', (source: { readonly _duplexState?: unknown }) => {
    if (typeof source._duplexState === 'number') deafCount += 1;
  });

  function fail(error: Error): void {
    const isHeard = stream.listenerCount('error') > deafCount;
    const { domain } = stream as { domain?: EventEmitter | null };
    stream.destroy(error);
    if (isHeard || deafCount === 0) return;
    // Where gulp waits for a task.
    if (domain !== undefined && domain !== null) domain.emit('error', error);
    else
      queueMicrotask(() => {
        throw error;
      });
  }

  // A Transform asks for more only if nothing is on its way, so that reading makes no room here.
  const read = stream.read.bind(stream);
  stream.read = (size) => {
    const chunk: unknown = read(size);
    if (chunk !== null) queueMicrotask(advance);
    return chunk;
  };
  stream.once('close', () => work.closed(slots.some(({ outputs }) => outputs === undefined)));
  return stream;
}
