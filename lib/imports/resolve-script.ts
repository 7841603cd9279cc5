import { createRequire, isBuiltin } from 'node:module';
import type { ResolverFactory } from 'oxc-resolver';
import type { Resolve } from './resolve-near.ts';

const require = createRequire(import.meta.url);

const options = {
  extensions: ['.ts', '.tsx', '.mts', '.cts', '.js', '.mjs', '.cjs', '.jsx', '.json'],
  // Written as it will be once it is compiled.
  extensionAlias: {
    '.js': ['.ts', '.tsx', '.js', '.jsx'],
    '.mjs': ['.mts', '.mjs'],
    '.cjs': ['.cts', '.cjs'],
    '.jsx': ['.tsx', '.jsx'],
  },
  conditionNames: ['import', 'require', 'node', 'browser', 'default'],
  mainFields: ['module', 'main'],
  tsconfig: 'auto',
} as const;

/** Resolves as bundlers and TypeScript do: extensions, index files, packages, paths of a tsconfig. */
export function scriptResolver(roots: readonly string[]): { resolve: Resolve; lookAnew(): void } {
  const { ResolverFactory: Factory } = require('oxc-resolver') as {
    readonly ResolverFactory: typeof ResolverFactory;
  };
  const modules = ['node_modules', ...roots];
  const { tsconfig, ...others } = structuredClone(options);
  const resolver = new Factory({ ...others, tsconfig, modules } as never);
  const withoutPaths = new Factory({ ...others, modules } as never);
  return {
    resolve(specifier, from) {
      if (isBuiltin(specifier)) return undefined;
      let found = resolver.resolveFileSync(from, specifier);
      // What is wrong with a tsconfig is told by whatever compiles with it.
      if (/tsconfig/i.test(found.error ?? '')) {
        found = withoutPaths.resolveFileSync(from, specifier);
      }
      return found.path && withoutQuery(found.path, specifier);
    },
    // They remember what is on the disk.
    lookAnew() {
      resolver.clearCache();
      withoutPaths.clearCache();
    },
  };
}

/** `./x.svg?raw` is for a bundler. */
function withoutQuery(path: string, specifier: string): string {
  const query = /\?[^/\\]*$/.exec(specifier)?.[0];
  return query !== undefined && path.endsWith(query) ? path.slice(0, -query.length) : path;
}
