import type { Millis } from './state.ts';

/** What happens only while files are watched. */
export type WatchEvent =
  /** Changes are heard of from now on; what happened before is looked at next. */
  | {
      readonly event: 'watch-started';
      readonly at: Millis;
      /** The folders in which inputs lie, relative to the working directory, none within another. */
      readonly folders: readonly string[];
      /** How many tasks have inputs in them. */
      readonly taskCount: number;
    }
  /** Inputs are not what they were when tasks were last looked at: these run again. */
  | {
      readonly event: 'files-changed';
      readonly at: Millis;
      /** Paths of which something was heard, a hundred at most; empty if a look at all inputs told it. */
      readonly paths: readonly string[];
      readonly pathCount: number;
      /** The tasks whose inputs these are. */
      readonly tasks: readonly string[];
    }
  /** A task has ended, or was stopped, that is to run again: what came of it does not count. */
  | {
      readonly event: 'task-outdated';
      readonly at: Millis;
      readonly run: number;
      readonly task: string;
      readonly isGroup: boolean;
    }
  /** The user's build itself has changed: a fresh process takes over, whose times begin anew. */
  | {
      readonly event: 'build-files-changed';
      readonly at: Millis;
      readonly paths: readonly string[];
    }
  /** The build cannot be loaded: nothing happens before its files change again. */
  | { readonly event: 'build-broken'; readonly at: Millis }
  /** Nothing is left to be done until something changes. */
  | {
      readonly event: 'watch-settled';
      readonly at: Millis;
      /** Whether keys can be pressed at the terminal. */
      readonly hasKeys: boolean;
    }
  /** The person at the terminal asks which keys there are. */
  | { readonly event: 'keys-asked'; readonly at: Millis };
