import type { TaskPool } from '../pool/task-pool.ts';

/** A pool whose program is loaded when the first task runs in it: a run with nothing to do needs none. */
export function latePool(open: () => Promise<TaskPool>): TaskPool {
  let opening: Promise<TaskPool> | undefined;
  let pool: TaskPool | undefined;
  const opened = async (): Promise<TaskPool> => {
    opening ??= open();
    pool = await opening;
    return pool;
  };
  return {
    async run(request, terms, hooks) {
      const ready = pool ?? (await opened());
      return ready.run(request, terms, hooks);
    },
    async cancel() {
      if (opening !== undefined) await (await opened()).cancel();
    },
    kill() {
      pool?.kill();
    },
  };
}
