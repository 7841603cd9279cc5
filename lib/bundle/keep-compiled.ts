import { loadedCores } from './cores.ts';

let isDue = true;

/**
 * For workers, which are killed when they are not needed any more and so have no `exit`: once in the process,
 * after what is being done now, what V8 has compiled so far is kept. Without a bundle there is nothing to keep.
 */
export function keepCompiledSoon(): void {
  if (!isDue) return;
  isDue = false;
  setImmediate(() => {
    for (const { keep } of loadedCores().values()) keep();
  }).unref();
}
