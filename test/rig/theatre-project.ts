import { obeySource, type Theatre } from './puppet.ts';
import { TempProject } from './temp-project.ts';

/**
 * A project whose tasks obey a theatre: `act` is an action that reports and ends as it is ordered.
 *
 * @param tasks Source of the tasks; `gulp`, `task`, `NO_FAILURES`, `run` and `obey` are there.
 * @param options Source of the options of `parproc()`.
 */
export function theatreProject(
  theatre: Theatre,
  tasks: string,
  options = '{ parallel: 4 }',
): TempProject {
  return new TempProject({
    'gulpfile.mjs': `
import gulp from 'gulp';
import { NO_FAILURES, parproc, run, task } from 'parproc';
${obeySource(theatre.port)}
gulp.registry(parproc(${options}));
const act = (ctx) => obey(ctx.name);
${tasks}`,
  });
}
