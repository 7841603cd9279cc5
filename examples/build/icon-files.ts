import { readdirSync } from 'node:fs';

const folder = 'node_modules/bootstrap-icons/icons';

/** The files of all Bootstrap icons. */
export function iconFiles(): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.svg'))
    .sort()
    .map((name) => `${folder}/${name}`);
}
