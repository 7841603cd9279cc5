import type { TaskFailure } from './failure.ts';
import type { Millis } from './state.ts';

/** What happens to a service once it is ready: of no run, since it may outlive the one that started it. */
export type ServiceEvent =
  | {
      readonly event: 'service-output';
      readonly at: Millis;
      readonly task: string;
      readonly stream: 'stdout' | 'stderr';
      /** Whole or part lines, as they came. */
      readonly text: string;
    }
  | {
      readonly event: 'service-ended';
      readonly at: Millis;
      readonly task: string;
      /** Since it was ready. */
      readonly tookMs: number;
      /** `stopped`: nobody needs it any more, or it is to start anew. `died`: it was not to end. */
      readonly how: 'stopped' | 'died';
      /** How it died, unless it came to its end by itself without anything being wrong. */
      readonly failure?: TaskFailure;
    };
