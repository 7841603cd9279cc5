import { readdirSync, readFileSync } from 'node:fs';

/** How often is looked whether a killed process has gone, and for how many times. */
const patience = 100;

/**
 * Processes that still carry `token` in their environment, as command lines. Killed processes may
 * take a moment to disappear, of which nothing tells; who is there after that is a survivor.
 */
export async function survivorsOf(token: string): Promise<string[]> {
  for (let look = 0; look < patience; look++) {
    if (carriersOf(token).length === 0) return [];
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return carriersOf(token);
}

/** Ends every process that carries `token` in its environment. */
export function killCarriers(token: string): void {
  for (const carrier of carriersOf(token)) process.kill(Number.parseInt(carrier, 10), 'SIGKILL');
}

function carriersOf(token: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((pid) => (textOf(pid, 'environ').includes(token) ? [`${pid} ${commandOf(pid)}`] : []));
}

function commandOf(pid: string): string {
  return textOf(pid, 'cmdline').replaceAll('\u0000', ' ').trim();
}

function textOf(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}
