import { createRequire } from 'node:module';

type SessionModule = typeof import('../run/open-session.ts');

const require = createRequire(import.meta.url);

/**
 * What runs tasks; loaded only when one is wanted, since listing tasks needs none of it. `require`
 * takes half the time that `import()` does, and more so under gulp's domains.
 */
export async function loadSession(): Promise<SessionModule> {
  try {
    return require('../run/open-session.js') as SessionModule;
  } catch (error) {
    // Some versions of Node 22 cannot require ES modules; whatever else it is comes again.
    if (!isMissingSupport(error)) throw error;
    return import('../run/open-session.ts');
  }
}

function isMissingSupport(error: unknown): boolean {
  if (!(error instanceof Error) || !('code' in error)) return false;
  return ['ERR_REQUIRE_ESM', 'MODULE_NOT_FOUND', 'ERR_REQUIRE_CYCLE_MODULE'].includes(
    String(error.code),
  );
}
