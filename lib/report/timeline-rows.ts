/** A row of a picture of what ran when: what one process did, one after the other. */
export interface TimelineRow {
  /** The slot of the worker, from 0 on; undefined for the process of gulp. */
  readonly worker: number | undefined;
  /** From 1 on: where things overlap in a process, further ones lie below. */
  readonly lane: number;
}

/** Which rows there are, and since when they have been free. */
export class TimelineRows {
  readonly #freeSince = new Map<string, number>();

  /** The first row of a process that is free, and since when it is; 0 if it has not been used. */
  enter(worker: number | undefined): { readonly row: TimelineRow; readonly freeSince: number } {
    for (let lane = 1; ; lane++) {
      const row = { worker, lane };
      const freeSince = this.#freeSince.get(keyOf(row)) ?? 0;
      if (freeSince === busy) continue;
      this.#freeSince.set(keyOf(row), busy);
      return { row, freeSince };
    }
  }

  /** Nothing runs in a row any more. */
  leave(row: TimelineRow, at: number): void {
    this.#freeSince.set(keyOf(row), at);
  }
}

const busy = Number.POSITIVE_INFINITY;

/** Workers first, in their order; in each, the lanes in theirs. Rows that are the same stand once. */
export function sortedRows(rows: Iterable<TimelineRow>): TimelineRow[] {
  const different = new Map([...rows].map((row) => [keyOf(row), row]));
  const last = Number.MAX_SAFE_INTEGER;
  return [...different.values()].sort(
    (a, b) => (a.worker ?? last) - (b.worker ?? last) || a.lane - b.lane,
  );
}

/** Tells rows apart. */
export function keyOf({ worker, lane }: TimelineRow): string {
  return `${worker ?? 'gulp'} ${lane}`;
}

/** What a row is called: `worker 0`, `gulp`, `gulp (2)`. */
export function rowLabel({ worker, lane }: TimelineRow): string {
  const name = worker === undefined ? 'gulp' : `worker ${worker}`;
  return lane === 1 ? name : `${name} (${lane})`;
}
