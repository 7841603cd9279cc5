type SessionModule = typeof import('../run/open-session.ts');

/** What runs tasks; run only when one is wanted, since listing tasks needs none of it. */
export function loadSession(): Promise<SessionModule> {
  return import('../run/open-session.ts');
}
