import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { ReportModel } from './report-model.ts';

/**
 * The page of `--report`: everything in one file. Its policy lets nothing in but its own script and
 * style, known by their digests, so that names and logs cannot become more than text.
 *
 * @throws Error if the package was built without the page
 */
export function reportPage(model: ReportModel): string {
  const script = part('page.js');
  const style = part('page.css');
  const policy = [
    "default-src 'none'",
    `script-src ${sourceOf(script)}`,
    `style-src ${sourceOf(style)}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width">
<title>${escaped(model.title)}</title>
<style>${style}</style>
</head>
<body>
<noscript>This page needs JavaScript.</noscript>
<script type="application/json" id="model">${inert(JSON.stringify(model))}</script>
<script>${script}</script>
</body>
</html>
`;
}

/** What `scripts/build-page.mjs` has made of the folder `page`. */
function part(name: string): string {
  return readFileSync(new URL(`../report/page/${name}`, import.meta.url), 'utf8').trim();
}

function sourceOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

/** JSON that cannot end the element it stands in. */
function inert(json: string): string {
  return json
    .replaceAll('<', '\\u003c')
    .replaceAll('\\u2028', '\\u2028')
    .replaceAll('\\u2029', '\\u2029');
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
