export type { Grunt, GruntTask } from './grunt-types.ts';
export { registerTasks } from './register-tasks.ts';
