import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { sha256 } from '../base/sha256.ts';
import type { ImportMemory } from '../imports/import-tracker.ts';

/**
 * Keeps what files import in a file with a checksum, replaced as a whole. What cannot be written or
 * read is found out anew, which is slower and not wrong: that is why trouble with it is not told.
 */
export function importMemory(path: string): ImportMemory {
  return {
    read() {
      try {
        const text = readFileSync(path, 'utf8');
        const body = text.slice(65);
        return text.slice(0, 64) === sha256(body) ? body : undefined;
      } catch {
        return undefined;
      }
    },
    write(body) {
      const temporary = `${path}.${randomBytes(6).toString('hex')}`;
      try {
        mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
        writeFileSync(temporary, `${sha256(body)} ${body}`, { flag: 'wx', mode: 0o600 });
        renameSync(temporary, path);
      } catch {
        // See above.
      }
    },
  };
}
