import { unreachable } from '../base/unreachable.ts';
import type { Blocker, Waiting } from '../model/blocker.ts';
import { safeName } from './terminal-safe.ts';

/** `deploy::prod waits for the lock deploy, which deploy::dev holds`. */
export function waitingText({ task, blockers }: Waiting): string {
  const telling = blockers.find(({ kind }) => kind !== 'slot') ?? blockers[0];
  const why = telling === undefined ? 'its turn' : blockerText(telling, task);
  const more = blockers.filter(({ kind }) => kind !== 'slot').length - 1;
  return safeName(`${task} waits for ${why}${more > 0 ? ` and ${more} more` : ''}`);
}

function blockerText(blocker: Blocker, task: string): string {
  switch (blocker.kind) {
    case 'dep':
      return blocker.task;
    case 'wait':
      return blocker.task === task ? 'what was begun of it before' : blocker.task;
    case 'lock':
      return `the lock ${blocker.lock}, which ${blocker.task} has`;
    case 'wave':
      return `wave ${blocker.wave} to end: ${listText(blocker)}`;
    case 'no-failures':
      return `all others to succeed: ${listText(blocker)}`;
    case 'slot':
      return 'a free slot';
    case 'pause':
      return 'its next attempt or an answer';
    default:
      return unreachable(blocker);
  }
}

function listText({
  count,
  tasks,
}: {
  readonly count: number;
  readonly tasks: readonly string[];
}): string {
  const [first = ''] = tasks;
  return count > 1 ? `${first} and ${count - 1} more` : first;
}
