import { unreachable } from '../base/unreachable.ts';
import type { WatchEvent } from '../model/watch-event.ts';
import { safeName } from './terminal-safe.ts';

/** How many paths of a change are shown. */
const shownPaths = 3;

/** A line about watching; undefined where there is nothing to say. */
export function watchText(event: WatchEvent): string | undefined {
  switch (event.event) {
    case 'watch-started': {
      const { taskCount, folders } = event;
      const tasks = taskCount === 1 ? '1 task' : `${taskCount} tasks`;
      return `Watching the inputs of ${tasks} in ${listOf(folders, folders.length, 'folders')}`;
    }
    case 'files-changed': {
      const { paths, pathCount, tasks } = event;
      if (paths.length === 0) return `Changed: inputs of ${listOf(tasks, tasks.length, 'tasks')}`;
      return `Changed: ${listOf(paths, pathCount, 'paths')}`;
    }
    case 'task-outdated':
      return event.isGroup ? undefined : `${safeName(event.task)}  changed while it ran; again`;
    case 'build-files-changed':
      return `Changed: ${listOf(event.paths, event.paths.length, 'paths')}; the build is loaded anew`;
    case 'build-broken':
      return 'The build could not be loaded; waiting until it changes';
    case 'watch-settled':
      return event.hasKeys ? 'Waiting for changes (? for keys)' : 'Waiting for changes';
    case 'keys-asked':
      return 'Keys: r run what is wanted again, f execute all of it, q quit, ? this help';
    default:
      return unreachable(event);
  }
}

function listOf(names: readonly string[], count: number, what: string): string {
  if (count === 0) return `no ${what}`;
  const shown = names.slice(0, shownPaths).map(safeName).join(', ');
  const rest = count - Math.min(names.length, shownPaths);
  return rest > 0 ? `${shown} and ${rest} more` : shown;
}
