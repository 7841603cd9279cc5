/** `{% include "x" %}`, `{% extends %}`, `{% import %}`, `{% from %}` of Nunjucks and its relatives. */
const tags = /\{%[-+]?\s*(?:include|extends|import|from)\s+(['"])([^'"\n]+)\1/g;
/** `@@include('x')` of gulp-file-include. */
const fileIncludes = /@@include\(\s*(['"])([^'"\n]+)\1/g;
/** Server side includes. */
const serverSide = /<!--\s*#include\s+(?:file|virtual)=(['"])([^'"\n]+)\1/g;
/** `include x`, `include:filter x` and `extends x` of Pug, which know no quotes. */
const pugLines = /^[^\S\n]*(?:include(?::[\w-]+(?:\([^)\n]*\))?)*|extends)[^\S\n]+(\S+)/gm;

/** What a page or template includes, imports or extends, by a literal name. */
export function templateImports(text: string): string[] {
  return [tags, fileIncludes, serverSide].flatMap((pattern) =>
    [...text.matchAll(pattern)].map(([, , path = '']) => path),
  );
}

/** The same for Pug. */
export function pugImports(text: string): string[] {
  return [...text.matchAll(pugLines)].map(([, path = '']) => path);
}
