import { createRequire } from 'node:module';
import type { AtRule, Declaration, Root } from 'postcss';

const require = createRequire(import.meta.url);

type Parse = (text: string) => Root;

/** What a style sheet names: `@import`, `@use`, `@forward`, `@plugin`, `meta.load-css()`, `composes`. */
export function styleImports(text: string, path: string): string[] {
  if (path.endsWith('.sass')) return indentedImports(text);
  const syntax: unknown = path.endsWith('.less')
    ? require('postcss-less')
    : require('postcss-scss');
  const { parse } = syntax as { readonly parse: Parse };
  const found: string[] = [];
  parse(text).walk((node) => {
    if (node.type === 'atrule') found.push(...namedBy(node));
    else if (node.type === 'decl') found.push(...composedBy(node));
  });
  return found;
}

function namedBy({ name, params }: Pick<AtRule, 'name' | 'params'>): string[] {
  switch (name.toLowerCase()) {
    case 'use':
    case 'forward':
    case 'plugin':
      return stringsIn(params).slice(0, 1);
    case 'import':
      return [...stringsIn(params), ...urlsIn(params)];
    case 'include':
      return /\bload-css\s*\(/.test(params) ? stringsIn(params).slice(0, 1) : [];
    default:
      return [];
  }
}

/** CSS modules. */
function composedBy({ prop, value }: Declaration): string[] {
  if (prop !== 'composes') return [];
  return [...value.matchAll(/\bfrom\s+(['"])([^'"]+)\1/g)].map(([, , path = '']) => path);
}

/** The indented syntax has one rule in a line, quotes are left out at will. */
function indentedImports(text: string): string[] {
  return [...text.matchAll(/^[^\S\n]*(?:@|\+)(use|forward|import|include|meta)\b(.*)$/gm)].flatMap(
    ([, name = '', params = '']) => {
      const rule = name === 'meta' ? 'include' : name;
      const named = namedBy({ name: rule, params });
      if (named.length > 0 || rule !== 'import') return named;
      return params
        .split(',')
        .map((each) => each.trim())
        .filter((each) => each !== '');
    },
  );
}

function stringsIn(params: string): string[] {
  return [...params.matchAll(/(['"])((?:(?!\1).)+)\1/g)].map(([, , text = '']) => text);
}

function urlsIn(params: string): string[] {
  return [...params.matchAll(/\burl\(\s*([^'")\s]+)\s*\)/g)].map(([, text = '']) => text);
}
