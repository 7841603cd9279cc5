import type { StaleReason } from '../model/stale-reason.ts';

/** What a task came to: its result, and the digest that its dependants compare. */
export interface Outcome {
  readonly value: unknown;
  readonly digest: string;
}

/** Whether a task has to run, decided before it starts. */
export type Verdict =
  | {
      readonly kind: 'fresh';
      readonly outcome: Outcome;
      readonly observation: Observation;
    }
  | {
      readonly kind: 'stale';
      readonly reasons: readonly StaleReason[];
      readonly observation: Observation;
    };

/** What was seen of a task's surroundings before it ran; `finish` compares it with what is there then. */
export interface Observation {
  readonly definitionDigest: string;
  /** Outcome digests of the deps, by name. */
  readonly deps: ReadonlyMap<string, string>;
  readonly inputs: readonly FileState[];
  /** When it was seen, in milliseconds since 1970. */
  readonly seenAt: number;
}

/** One file as seen at one moment. `sha256` is absent for a path at which there is no file. */
export interface FileState {
  /** Relative to the working directory, with `/`. */
  readonly path: string;
  readonly ino: number;
  readonly size: number;
  readonly mtimeMs: number;
  readonly ctimeMs: number;
  readonly sha256?: string;
}

/** What is left to say after a task has succeeded. */
export type Finished =
  | { readonly kind: 'finished'; readonly outcome: Outcome }
  | { readonly kind: 'outputs-missing'; readonly paths: readonly string[] };
