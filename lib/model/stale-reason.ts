/** Why a task has to run: one entry per cause, as data for reporters and tests. */
export type StaleReason =
  | { readonly kind: 'never-ran' }
  /** The last run of the task failed or was cut short. */
  | { readonly kind: 'not-finished' }
  | UnsureReason
  /** A service that is needed and as it was, but it does not run. */
  | { readonly kind: 'not-running' }
  /** The task opted out of being up to date (`.noSkip()`). */
  | { readonly kind: 'no-skip' }
  /** The run was asked to execute everything (`--full`). */
  | { readonly kind: 'full' }
  /** The task declares neither inputs nor deps, so nothing can tell that it is up to date. */
  | { readonly kind: 'nothing-declared' }
  /** The cache is off or could not be opened. */
  | { readonly kind: 'no-cache' }
  | {
      readonly kind: 'definition-changed';
      /**
       * `action`: its code. `declaration`: what else the task says of itself. `arguments`: their
       * values. `module`: the defining file or one that it imports. `global-input`: a file that
       * counts for all tasks. `platform`: Node's major version or the machine. `unknown`: the record
       * is too old to tell.
       */
      readonly what:
        | 'action'
        | 'declaration'
        | 'arguments'
        | 'module'
        | 'global-input'
        | 'platform'
        | 'unknown';
      /** The file, if it is one and it is known which. */
      readonly path?: string;
    }
  | { readonly kind: 'env-changed'; readonly name: string }
  | { readonly kind: 'param-changed'; readonly name: string }
  | { readonly kind: 'dep-changed'; readonly dep: string }
  | { readonly kind: 'input-changed'; readonly path: string }
  | { readonly kind: 'input-added'; readonly path: string }
  | { readonly kind: 'input-removed'; readonly path: string }
  | { readonly kind: 'output-missing'; readonly path: string }
  | { readonly kind: 'output-changed'; readonly path: string }
  /** It is older than `output(path, { maxAge })` allows. */
  | { readonly kind: 'output-too-old'; readonly path: string };

/** Why the last run of a task cannot be relied on, though it did not fail. */
export type UnsureReason =
  /** The task starts others itself or asks questions, so nothing tells what it depends on. */
  | { readonly kind: 'asks-build' }
  /** It said itself that it had nothing to do (`ctx.skip()`), so it is asked again. */
  | { readonly kind: 'was-skipped' }
  /** Its inputs changed while it ran, or are so young that they may have. */
  | { readonly kind: 'changed-while-running' }
  /** JSON cannot hold its result; `path` is the first part that it cannot, such as `result.at`. */
  | { readonly kind: 'inexact-result'; readonly path: string };
