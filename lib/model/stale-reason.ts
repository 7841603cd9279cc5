/** Why a task has to run: one entry per cause, as data for reporters and tests. */
export type StaleReason =
  | { readonly kind: 'never-ran' }
  /** The last run of the task failed, was cut short, or changed its own inputs. */
  | { readonly kind: 'not-finished' }
  /** The task opted out of being up to date (`.noSkip()`). */
  | { readonly kind: 'no-skip' }
  /** The run was asked to execute everything (`--full`). */
  | { readonly kind: 'full' }
  /** The task declares neither inputs nor deps, so nothing can tell that it is up to date. */
  | { readonly kind: 'nothing-declared' }
  /** The cache is off or could not be opened. */
  | { readonly kind: 'no-cache' }
  /** The task starts others itself or asks questions, so nothing tells what it depends on. */
  | { readonly kind: 'asks-build' }
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
