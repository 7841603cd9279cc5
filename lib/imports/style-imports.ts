import { createRequire } from 'node:module';
import { extname } from 'node:path';
import type { AtRule, Declaration, Root } from 'postcss';

const require = createRequire(import.meta.url);

type Parse = (text: string) => Root;

interface Syntax {
  readonly parse: Parse;
}

/** What a style sheet names: `@import`, `@use`, `@forward`, `@plugin`, `meta.load-css()`, `composes`. */
export function styleImports(text: string, path: string): string[] {
  if (path.endsWith('.sass')) return indentedImports(text);
  if (path.endsWith('.less')) return lessImports(text);
  return importsIn(text, (require('postcss-scss') as Syntax).parse);
}

/** The parser does not know all of Less, such as calls of `each()`. */
function lessImports(text: string): string[] {
  const { parse } = require('postcss-less') as Syntax;
  try {
    return importsIn(text, parse);
  } catch {
    const code = text.replaceAll(/\/\*[\s\S]*?\*\/|^[^\S\n]*\/\/.*$/gm, '');
    return [...code.matchAll(/@(import|plugin)\b([^;]*)/g)].flatMap(([, name = '', params = '']) =>
      namedBy({ name, params }),
    );
  }
}

function importsIn(text: string, parse: Parse): string[] {
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
      return stringsIn(params).slice(0, 1);
    case 'plugin':
      return stringsIn(params)
        .slice(0, 1)
        .map((path) => (extname(path) === '' ? `${path}.js` : path));
    case 'import':
      return [...stringsIn(params), ...urlsIn(params)].flatMap((path) => [path, importOnly(path)]);
    case 'include':
      return /\bload-css\s*\(/.test(params) ? stringsIn(params).slice(0, 1) : [];
    default:
      return [];
  }
}

/** `@import 'x'` of Sass prefers `x.import.scss` to what `@use 'x'` leads to. */
function importOnly(path: string): string {
  return path.replace(/(?=\.(?:scss|sass|css)$)|(?<!\.(?:scss|sass|css))$/, '.import');
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
