import { errorOf, thrownOf } from '../model/error-image.ts';
import type { Job, JobOutcome } from './job.ts';
import {
  EncodingError,
  NeverCompleted,
  PoolTerminatedError,
  RestartFreqExceeded,
  SoftTimeLimitExceeded,
  Terminated,
  TimeLimitExceeded,
  WorkerLostError,
} from './pool-errors.ts';

/** What the caller of a job gets to see of an outcome other than a value. */
export function errorOfOutcome(
  outcome: Exclude<JobOutcome, { readonly kind: 'returned' }>,
  job: Pick<Job, 'id'> | undefined,
): unknown {
  switch (outcome.kind) {
    case 'threw':
      return ownError(outcome.error);
    case 'unsendable':
      return new EncodingError(outcome.path, outcome.message);
    case 'never-completed':
      return new NeverCompleted();
    case 'timed-out':
      return new TimeLimitExceeded(outcome.limitMs);
    case 'lost':
      return new WorkerLostError({ ...outcome, jobId: job?.id });
    case 'terminated':
      return new Terminated(outcome.signal);
    case 'cancelled':
      return errorOf({ name: 'AbortError', message: 'The job was cancelled.', code: 'ABORT_ERR' });
    case 'broken': {
      const { error, ...end } = outcome.failure;
      const cause =
        error === undefined ? new WorkerLostError({ ...end, jobId: undefined }) : errorOf(error);
      return new RestartFreqExceeded(outcome.count, cause);
    }
    case 'pool-terminated':
      return new PoolTerminatedError();
    default:
      throw new Error('Internal error: an outcome without an error');
  }
}

/** Our own classes keep their identity when a job throws them on. */
function ownError(image: Extract<JobOutcome, { kind: 'threw' }>['error']): unknown {
  const limitMs = image.own?.['limitMs'];
  if (image.name !== 'SoftTimeLimitExceeded' || typeof limitMs !== 'number') return thrownOf(image);
  const error = new SoftTimeLimitExceeded(limitMs);
  if (image.stack !== undefined) error.stack = image.stack;
  return error;
}
