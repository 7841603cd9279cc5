/** One figure: ours against something else, both measured in the same go. */
export interface Row {
  readonly metric: string;
  readonly ours: string;
  readonly against: string;
  readonly oursMedian: number;
  readonly againstMedian: number;
  readonly unit: string;
  readonly ratio: number;
  /** A comparison such as `<= 0.75`. */
  readonly target: string;
  readonly ok: boolean;
}

/** The middle one of some numbers. */
export function medianOf(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
