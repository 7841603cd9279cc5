import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** What the template of the page leaves open. */
export interface PageParts {
  readonly env: string;
  readonly iconCount: number;
  /** The file of the sprite: it goes into the page, since browsers load none beside `file://`. */
  readonly sprite: string;
}

/** Fills the template of the page: `{{env}}`, `{{count}}` and `{{sprite}}`. */
export async function buildPage(from: string, to: string, parts: PageParts): Promise<void> {
  const values: Record<string, string> = {
    env: parts.env,
    count: parts.iconCount.toLocaleString('en'),
    sprite: await readFile(parts.sprite, 'utf8'),
  };
  const template = await readFile(from, 'utf8');
  const html = template.replace(/\{\{(\w+)\}\}/g, (whole, name: string) => values[name] ?? whole);
  await mkdir(dirname(to), { recursive: true });
  await writeFile(to, html);
}
