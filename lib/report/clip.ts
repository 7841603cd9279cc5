import stringWidth from 'string-width';

/** Widths and clips are asked for at every frame, and for names that hardly change. */
const widths = new Map<string, number>();
const clips = new Map<string, string>();
const mostKept = 2000;
const segmenter = new Intl.Segmenter();

/** How many columns of a terminal `text` takes. */
export function widthOf(text: string): number {
  return kept(widths, text, () => stringWidth(text));
}

/** `text` without its middle if it takes more columns than that. */
export function clipped(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  return kept(clips, `${columns} ${text}`, () => {
    const parts = [...segmenter.segment(text)].map(({ segment }) => segment);
    const head = fitting(parts, Math.ceil((columns - 1) / 2));
    const tail = fitting(parts.reverse(), columns - 1 - stringWidth(head.join('')));
    return `${head.join('')}…${tail.reverse().join('')}`;
  });
}

/** As many of `parts` as fit, from the first on. */
function fitting(parts: readonly string[], columns: number): string[] {
  const taken: string[] = [];
  let left = columns;
  for (const part of parts) {
    left -= stringWidth(part);
    if (left < 0) break;
    taken.push(part);
  }
  return taken;
}

function kept<T>(cache: Map<string, T>, key: string, make: () => T): T {
  const known = cache.get(key);
  if (known !== undefined) return known;
  const made = make();
  if (cache.size >= mostKept) cache.clear();
  cache.set(key, made);
  return made;
}
