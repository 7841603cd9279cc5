/** A span of time for people: `812 ms`, `4.2 s`, `1 min 05 s`, `2 h 07 min`. */
export function durationText(ms: number): string {
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${Math.round(ms / 100) / 10} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return inTwo(seconds, 'min', 's');
  return inTwo(Math.round(seconds / 60), 'h', 'min');
}

function inTwo(count: number, large: string, small: string): string {
  return `${Math.floor(count / 60)} ${large} ${String(count % 60).padStart(2, '0')} ${small}`;
}
