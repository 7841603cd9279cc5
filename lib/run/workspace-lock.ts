import { randomUUID } from 'node:crypto';
import { basename } from 'node:path';
import { type Holder, WorkspaceLock } from '../cache/workspace-lock.ts';
import { host } from './host.ts';

/** Says to everything that this build starts that it belongs to the build. */
const variable = 'PARPROC_INSIDE';
let ownToken: string | undefined;

/** The lock that keeps the builds apart that use one cache file. */
export function workspaceLock(
  file: string,
  warn: (code: string, text: string) => void,
): WorkspaceLock {
  const tokens = (host.env(variable) ?? '').split(' ').filter((token) => token !== '');
  const ancestors = tokens.filter((token) => token !== ownToken);
  return new WorkspaceLock({
    file: `${file}.lock`,
    self() {
      ownToken ??= randomUUID();
      host.setEnv(variable, [...ancestors, ownToken].join(' '));
      return { token: ownToken, pid: host.processId(), command: commandText() };
    },
    ancestors,
    after: host.after,
    onWait: (holder) => warn('waiting-for-build', `Waiting for ${holderText(holder)}.`),
  });
}

function holderText(holder: Holder | undefined): string {
  if (holder === undefined) return 'another build in this folder';
  return `another build in this folder: ${holder.command} (process ${holder.pid})`;
}

function commandText(): string {
  const [, program = 'node', ...words] = host.argv();
  return [basename(program).replace(/\.[cm]?[jt]s$/, ''), ...words].join(' ');
}
