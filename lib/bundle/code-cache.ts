import {
  closeSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import process from 'node:process';
import { cachedDataVersionTag } from 'node:v8';
import type { Script } from 'node:vm';
import { crc32 } from 'node:zlib';

/** What earlier processes have compiled of a file, as far as it can be used here. */
export interface CodeCache {
  /** What V8 has written; undefined if there is none, or it is damaged. */
  readonly code: Buffer | undefined;
  /** For each piece of the source, how many processes that had loaded it have written. */
  readonly writes: Uint8Array;
  /** Differs from that of whatever is written later. */
  readonly stamp: number;
  readonly at: CachePlace;
}

interface CachePlace {
  readonly file: string;
  /** What the names of all begin with that go with this very source and this Node. */
  readonly home: string;
  /** V8's flags, in one number, as far as it takes no code that was compiled with others. */
  readonly tag: number;
}

/** Told by `scripts/bundle.mjs`: how many pieces of a source can be told apart. */
declare const mostPieces: number;
/**
 * Each process adds what it has compiled itself, and a build compiles other functions than a run with nothing
 * to do. Of the pieces that both load, the second leaves little to add, and writing takes longer than that.
 */
const mostWrites = 2;
/** Programs with flags of their own each have a file; not any number of them. */
const mostFiles = 8;
/** A checksum of all that follows, then `writes`; V8 wants its data aligned to 8. */
const headSize = 4 + mostPieces;

/**
 * Reads the cache of `source`, which lies beside it: whoever can write there could change the code itself.
 *
 * @param edition Differs whenever the source does, of which V8 compares nothing but the length.
 */
export function readCodeCache(source: string, edition: string): CodeCache {
  const at = placeOf(source, edition);
  const bytes = bytesIn(at.file);
  const stamp = stampOf(bytes);
  // V8 looks at no checksum of its own, and dies of what is damaged.
  if (bytes === undefined || stamp === 0 || stamp !== crc32(bytes.subarray(4))) {
    return { code: undefined, writes: new Uint8Array(mostPieces), stamp, at };
  }
  return { code: bytes.subarray(headSize), writes: bytes.subarray(4, headSize), stamp, at };
}

/**
 * Writes what V8 has compiled of `script` here, unless enough others have. Never throws: the next process
 * compiles again, and that is all that is lost.
 *
 * @param loaded Has 1 for each piece of the source that has been loaded.
 */
export function keepCompiled(script: Script, loaded: Uint8Array, cache: CodeCache): void {
  try {
    const isNew = loaded.some((is, piece) => is === 1 && (cache.writes[piece] ?? 0) < mostWrites);
    if (isNew) write(script, loaded, cache);
  } catch {
    // As said.
  }
}

function placeOf(source: string, edition: string): CachePlace {
  const { size, mtimeMs } = statSync(source);
  const sameFor = [edition, size, mtimeMs, process.version, process.arch].join();
  const home = `${basename(source)}-${hex(crc32(sameFor))}-`;
  const tag = cachedDataVersionTag();
  return { file: join(dirname(source), `${home}${hex(tag)}.cache`), home, tag };
}

function bytesIn(file: string): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}

function stampOf(bytes: Buffer | undefined): number {
  return bytes === undefined || bytes.length < headSize ? 0 : bytes.readUInt32LE(0);
}

function write(script: Script, loaded: Uint8Array, { code, writes, stamp, at }: CodeCache): void {
  // Somebody has set other flags since, or another process was quicker and has functions of its own.
  if (cachedDataVersionTag() !== at.tag || stampOf(bytesIn(at.file)) !== stamp) return;
  if (code === undefined && makeRoom(at) >= mostFiles) return;
  const draft = `${at.file}.${process.pid}-${process.hrtime.bigint()}`;
  // Before the work is done: where it cannot be kept, none is to be had.
  const open = openSync(draft, 'w');
  try {
    const counts = Buffer.alloc(
      mostPieces,
      writes.map((count, piece) => count + (loaded[piece] ?? 0)),
    );
    const bytes = Buffer.concat([
      Buffer.alloc(4),
      counts,
      largest(script.createCachedData(), code),
    ]);
    bytes.writeUInt32LE(crc32(bytes.subarray(4)), 0);
    for (let done = 0; done < bytes.length; ) done += writeSync(open, bytes, done);
    closeSync(open);
    renameSync(draft, at.file);
  } catch {
    rmSync(draft, { force: true });
  }
}

/** V8 forgets code that has not run for long: what was found may be more than is left of it. */
function largest(compiled: Buffer, found: Buffer | undefined): Buffer {
  return found === undefined || compiled.length > found.length ? compiled : found;
}

/** Removes what belongs to another source or another Node. @returns How many others are left. */
function makeRoom({ file, home }: CachePlace): number {
  const folder = dirname(file);
  const source = home.slice(0, home.indexOf('-') + 1);
  const found = readdirSync(folder).filter((name) => name.startsWith(source));
  const old = found.filter((name) => !name.startsWith(home));
  for (const name of old) rmSync(join(folder, name), { force: true });
  return found.filter((name) => !old.includes(name) && name !== basename(file)).length;
}

function hex(word: number): string {
  return word.toString(16).padStart(8, '0');
}
