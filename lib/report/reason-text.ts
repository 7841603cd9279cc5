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
    case 'not-running':
      return 'is not running';
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
    case 'was-skipped':
      return 'skipped itself the last time';
    case 'changed-while-running':
      return 'its inputs may have changed while it ran';
    case 'inexact-result':
      return `${reason.path} cannot be recorded`;
    case 'env-changed':
      return `${reason.name} changed`;
    case 'param-changed':
      return reason.name === '*' ? 'a param changed' : `the param ${reason.name} changed`;
    case 'definition-changed':
      return definitionText(reason);
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
    case 'output-too-old':
      return `${reason.path} is too old`;
    default:
      return unreachable(reason);
  }
}

type DefinitionReason = Extract<StaleReason, { kind: 'definition-changed' }>;

function definitionText({ what, path }: DefinitionReason): string {
  switch (what) {
    case 'action':
      return 'its code changed';
    case 'declaration':
      return 'its declaration changed';
    case 'arguments':
      return 'its arguments changed';
    case 'module':
      return path === undefined ? 'a module changed' : `its module ${path} changed`;
    case 'global-input':
      return path === undefined ? 'a global input changed' : `${path} changed, a global input`;
    case 'platform':
      return "Node's major version or the platform changed";
    case 'unknown':
      return 'its definition changed';
    default:
      return unreachable(what);
  }
}

/** The reasons on one line; where everything is explained only the first, for the others follow. */
export function whyText(reasons: readonly StaleReason[], explain: boolean): string {
  return reasonsText(explain ? reasons.slice(0, 1) : reasons);
}
