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
  const resolver = new Factory({ ...structuredClone(options), modules } as never);
  return {
    resolve(specifier, from) {
      if (isBuiltin(specifier)) return undefined;
      return resolver.resolveFileSync(from, specifier).path;
    },
    // It remembers what is on the disk.
    lookAnew: () => resolver.clearCache(),
  };
}
