import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Fills the template of the page: `{{env}}`, `{{count}}` and `{{icons}}` (a JSON list of names). */
export async function buildPage(
  from: string,
  to: string,
  { env, icons }: { env: string; icons: readonly string[] },
): Promise<void> {
  const values: Record<string, string> = {
    env,
    count: icons.length.toLocaleString('en'),
    icons: JSON.stringify(icons),
  };
  const template = await readFile(from, 'utf8');
  const html = template.replace(/\{\{(\w+)\}\}/g, (whole, name: string) => values[name] ?? whole);
  await mkdir(dirname(to), { recursive: true });
  await writeFile(to, html);
}
