import { unreachable } from '../base/unreachable.ts';
import type { StaleReason } from '../model/stale-reason.ts';

/** Why a task runs, in a few words: the first reason, and how many others of any kind there are. */
export function reasonsText(reasons: readonly StaleReason[]): string {
  const [first, ...others] = reasons;
  if (first === undefined) return '';
  return reasonText(first) + (others.length > 0 ? ` (and ${others.length} more)` : '');
}

/** One reason in a few words. */
export function reasonText(reason: StaleReason): string {
  switch (reason.kind) {
    case 'never-ran':
      return 'first run';
    case 'not-finished':
      return 'last run did not succeed';
    case 'no-skip':
      return 'runs every time';
    case 'full':
      return 'full run';
    case 'nothing-declared':
      return 'declares no inputs';
    case 'no-cache':
      return 'no cache';
    case 'asks-build':
      return 'starts other tasks itself';
    case 'env-changed':
      return `${reason.name} changed`;
    case 'param-changed':
      return reason.name === '*' ? 'a param changed' : `the param ${reason.name} changed`;
    case 'definition-changed':
      return 'its definition changed';
    case 'dep-changed':
      return `${reason.dep} changed`;
    case 'input-changed':
      return `${reason.path} changed`;
    case 'input-added':
      return `${reason.path} is new`;
    case 'input-removed':
      return `${reason.path} is gone`;
    case 'output-missing':
      return `${reason.path} is missing`;
    case 'output-changed':
      return `${reason.path} was changed by something else`;
    default:
      return unreachable(reason);
  }
}
