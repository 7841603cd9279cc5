import type { Wantable } from './context.ts';
import { UsageError } from './errors.ts';

/**
 * The names that were meant, lists taken apart.
 *
 * @throws UsageError `invalid-name` for what is no name
 */
export function namesOf(wanted: readonly Wantable[]): string[] {
  const flat: readonly unknown[] = (wanted as unknown[]).flat(Number.POSITIVE_INFINITY);
  return flat.map((each) => {
    if (typeof each === 'string') return each;
    const name =
      typeof each === 'object' && each !== null && 'name' in each ? each.name : undefined;
    if (typeof name === 'string') return name;
    throw new UsageError([
      {
        code: 'invalid-name',
        text: `A task was asked for by something that is no name: ${String(each)}.`,
        hint: "Give names, tasks, or references such as build.of({ env: 'dev' }).",
      },
    ]);
  });
}
