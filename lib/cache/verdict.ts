import type { OutputChunk } from '../model/run-event.ts';
import type { StaleReason } from '../model/stale-reason.ts';
import type { Written } from '../model/written.ts';
import type { DefinitionParts } from './record.ts';

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
  readonly parts: DefinitionParts;
  /** The digest of the files that count for all tasks. */
  readonly globalsDigest: string;
  /** Outcome digests of the deps, by name. */
  readonly deps: ReadonlyMap<string, string>;
  /** Deps whose digest is another one than when the task last succeeded; all if it never did. */
  readonly changedDeps: readonly string[];
  /** Digests of the declared environment variables, by name. */
  readonly env: Readonly<Record<string, string>>;
  readonly inputs: readonly FileState[];
  /** Files that the task found out it reads when it last succeeded. */
  readonly discovered: readonly FileState[];
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

/** What there is to record of a task that has succeeded. */
export interface Success {
  readonly seen: Observation;
  readonly value: unknown;
  readonly tookMs: number;
  /** Names of the params that the action has read. */
  readonly paramsRead: readonly string[];
  /** Paths of files that the action has found out it reads. */
  readonly discovered: readonly string[];
  /** What it has written through `ctx.dest()`, if anything. */
  readonly written?: Written;
  /** Whether it has started other tasks itself or asked a question. */
  readonly hasAsked: boolean;
  /** What it wrote; empty if nobody wants to keep it. */
  readonly log: readonly OutputChunk[];
}

/** What a task comes to whose outputs were put back, and what it wrote when it made them. */
export interface Restored {
  readonly outcome: Outcome;
  readonly log: readonly OutputChunk[];
}

/** What is left to say after a task has succeeded. */
export type Finished =
  | { readonly kind: 'finished'; readonly outcome: Outcome }
  | { readonly kind: 'outputs-missing' | 'outputs-too-old'; readonly paths: readonly string[] };
