import { UsageError } from '../model/errors.ts';

/**
 * Refuses what must not happen while tasks run.
 *
 * @throws UsageError `definition-sealed`, always
 */
export function refuseChange(what: string): never {
  throw new UsageError([
    {
      code: 'definition-sealed',
      text: `${what}.`,
      hint: 'Wait for them first: await waitForAll().',
    },
  ]);
}
