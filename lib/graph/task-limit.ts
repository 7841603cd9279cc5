import type { Definition } from '../model/definition.ts';
import { DefinitionError } from '../model/errors.ts';

/** More tasks in one request would fill the memory before anything could run. */
export const maxTasks = 1_000_000;

/**
 * Ends a request whose deps go on without end, as a function in `.deps()` can make them.
 *
 * @param count How many tasks there are by now.
 * @param name One of them, of `definition`.
 * @throws DefinitionError `dependency-cycle`
 */
export function refuseEndless(count: number, name: string, definition: Definition): void {
  if (count <= maxTasks) return;
  throw new DefinitionError([
    {
      code: 'dependency-cycle',
      text: `There are more than ${maxTasks} tasks in the request, such as '${name}': deps of '${definition.name}' seem to go on without end.`,
      place: definition.place,
      hint: 'Let a function in .deps() come to an end: return [] for the last one.',
    },
  ]);
}
