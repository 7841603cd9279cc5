import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

interface Span {
  readonly start: number;
  readonly end: number;
}

type Parser = typeof import('oxc-parser');
let parser: Parser | undefined;

/**
 * What a script or module names in `import`, `export from`, `import x = require()`, and with literals
 * `import()`, also in types, and `require()`.
 */
export function scriptImports(text: string, path: string): string[] {
  // Loaded when the first script is looked at: it is a native module.
  parser ??= require('oxc-parser') as Parser;
  const { module, program } = parser.parseSync(path, text);
  const found = module.staticImports.map(({ moduleRequest }) => moduleRequest.value);
  for (const { entries } of module.staticExports) {
    for (const { moduleRequest } of entries) if (moduleRequest) found.push(moduleRequest.value);
  }
  for (const { moduleRequest } of module.dynamicImports) {
    const literal = literalOf(text.slice(moduleRequest.start, moduleRequest.end));
    if (literal !== undefined) found.push(literal);
  }
  // Making objects of the whole tree takes longer than all else.
  if (!/\brequire\b/.test(text) && !hasTypeImports(text, path)) return found;
  const visitor = new parser.Visitor({
    CallExpression(call) {
      const required = requiredBy(call, text);
      if (required !== undefined) found.push(required);
    },
    TSImportEqualsDeclaration({ moduleReference }) {
      if (moduleReference.type !== 'TSExternalModuleReference') return;
      found.push(moduleReference.expression.value);
    },
    TSImportType: ({ source }) => void found.push(source.value),
  });
  visitor.visit(program);
  return found;
}

/** Whether there may be types such as `import('x').T`. */
function hasTypeImports(text: string, path: string): boolean {
  return /\.[cm]?tsx?$/.test(path) && /\bimport\s*\(/.test(text);
}

/** `require('x')` and `require.resolve('x')`. */
function requiredBy(
  call: { readonly callee: Span; readonly arguments: readonly Span[] },
  text: string,
): string | undefined {
  const {
    callee,
    arguments: [argument],
  } = call;
  const name = text.slice(callee.start, callee.end);
  if (argument === undefined || (name !== 'require' && name !== 'require.resolve'))
    return undefined;
  return literalOf(text.slice(argument.start, argument.end));
}

/** The text of a string literal, or of a template without expressions. */
function literalOf(source: string): string | undefined {
  return /^(['"`])((?:(?!\1|\\|\$\{).)*)\1$/s.exec(source.trim())?.[2];
}
