import { fileURLToPath } from 'node:url';

/** The program that workers run. tsc does not rewrite paths in strings: it ends as this file does. */
export function childEntry(): string {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return fileURLToPath(new URL(`../child/main.${extension}`, import.meta.url));
}
