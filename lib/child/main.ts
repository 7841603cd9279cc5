import { keepCompiledSoon } from '../bundle/keep-compiled.ts';
import { hasScheduled } from '../dsl/program.ts';
import { serveJobs } from '../pool/serve-jobs.ts';
import type { WorkerSetup } from '../pool/task-pool.ts';
import { loadUserFiles } from './load-user-files.ts';
import { runTask } from './run-task.ts';

/** The program inside a worker: imports the user's files, then runs the tasks that it is sent. */
let files: readonly string[] = [];

serveJobs({
  start(given) {
    const setup = given as WorkerSetup;
    files = setup.files;
    return loadUserFiles(setup);
  },
  // A file that waits for a run at its top level never goes on here, and has defined all it will.
  isReady: hasScheduled,
  resolve: () => async (request: never) => {
    const report = await runTask(request, files);
    keepCompiledSoon();
    return report;
  },
});
