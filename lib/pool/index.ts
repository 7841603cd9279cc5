export { ApplyResult, MapResult } from './apply-result.ts';
export { buildFlags } from './build-flags.ts';
export type { ApplyOptions } from './call-options.ts';
export { type CurrentJob, currentJob } from './current-job.ts';
export type { WaitOptions } from './deferred.ts';
export { type Callable, type FunctionRef, type ModuleRefs, moduleRefs } from './function-ref.ts';
export type { WorkerView } from './job.ts';
export { JobIterator } from './job-iterator.ts';
export type { IterateOptions, MapAsyncOptions, MapOptions } from './map-options.ts';
export { Pool } from './pool.ts';
export {
  EncodingError,
  InvalidOption,
  type LostWorker,
  NeverCompleted,
  PoolClosedError,
  PoolTerminatedError,
  RestartFreqExceeded,
  SoftTimeLimitExceeded,
  Terminated,
  TimeLimitExceeded,
  TimeoutError,
  WorkerLostError,
} from './pool-errors.ts';
export type { EndedWorker, JobView, PoolOptions, Semaphore } from './pool-options.ts';
