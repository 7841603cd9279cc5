import { createHash } from 'node:crypto';
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { sha256 } from '../base/sha256.ts';

const oneReadBytes = 64 * 1024 * 1024;
const pieceBytes = 1024 * 1024;

/**
 * SHA-256 of what is in the file at `path`.
 *
 * @param size As `stat` told it: a big file is read piece by piece, since Node reads at most 2 GiB
 *   at once.
 */
export function contentDigest(path: string, size: number): string {
  return size <= oneReadBytes ? sha256(readFileSync(path)) : digestInPieces(path);
}

function digestInPieces(path: string): string {
  const hash = createHash('sha256');
  const piece = Buffer.allocUnsafe(pieceBytes);
  const file = openSync(path, 'r');
  try {
    for (let read = readSync(file, piece); read > 0; read = readSync(file, piece)) {
      hash.update(piece.subarray(0, read));
    }
  } finally {
    closeSync(file);
  }
  return hash.digest('hex');
}
