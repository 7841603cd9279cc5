import type { ResultControl } from './apply-result.ts';
import type { ApplyOptions } from './call-options.ts';
import { callUser } from './callbacks.ts';
import { Deferred } from './deferred.ts';
import type { Settlement } from './map-job.ts';
import type { MapAsyncOptions } from './map-options.ts';

/** What has failed before there was a job. */
export function failed(error: unknown, options: Callbacks): Deferred<never> {
  const deferred = new Deferred<never>();
  const instead = tell({ kind: 'error', error }, options);
  deferred.reject(instead === undefined ? error : instead.error);
  return deferred;
}

/** The handle of what has no job. */
export const noControl: ResultControl = {
  terminate: () => undefined,
  discard: () => undefined,
  accepted: () => false,
};

type Callbacks = Pick<
  MapAsyncOptions<never> | ApplyOptions<never>,
  'callback' | 'errorCallback' | 'callbacksPropagate'
>;

/** Calls the callback that a settlement is for; what that throws may replace it. */
export function tell(
  settlement: Settlement,
  { callback, errorCallback, callbacksPropagate }: Callbacks,
): ReturnType<typeof callUser> {
  const call =
    settlement.kind === 'value'
      ? callback && (() => callback(settlement.value as never))
      : errorCallback && (() => errorCallback(settlement.error));
  return callUser(call, callbacksPropagate);
}
