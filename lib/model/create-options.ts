import { inspect } from 'node:util';
import { UsageError } from './errors.ts';

/** How `create()` creates. */
export interface CreateOptions {
  /** Another name for the one task. */
  readonly as?: string;
}

/**
 * The name that `options` ask for.
 *
 * @throws UsageError `invalid-option`
 */
export function asOf(options: CreateOptions): string | undefined {
  const given: unknown = options;
  if (typeof given !== 'object' || given === null) refuse(`is given ${inspect(given)}`);
  const stray = Object.keys(options).find((name) => name !== 'as');
  if (stray !== undefined) refuse(`has no option '${stray}'`);
  const { as } = options;
  if (as !== undefined && typeof as !== 'string') refuse(`is given the name ${inspect(as)}`);
  return as;
}

function refuse(what: string): never {
  const hint = "It has one option: create('build::dev', { as: 'mine' }).";
  throw new UsageError([{ code: 'invalid-option', text: `create() ${what}.`, hint }]);
}
