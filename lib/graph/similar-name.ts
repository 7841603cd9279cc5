import { lateRequire } from '../base/late-require.ts';
import type { Pattern } from '../model/pattern.ts';
import type { Catalog } from './graph.ts';

const levenshtein = lateRequire<typeof import('fastest-levenshtein')>('fastest-levenshtein');

/** The name in `catalog` that was probably meant, as written there; undefined if none is near. */
export function similarName(name: string, catalog: Catalog): string | undefined {
  const { distance } = levenshtein();
  let nearest: string | undefined;
  let least = Math.floor(name.length * 0.4) + 1;
  const consider = (shown: string, compared: string): void => {
    if (Math.abs(compared.length - name.length) >= least) return;
    const steps = distance(name, compared);
    if (steps >= least) return;
    least = steps;
    nearest = shown;
  };
  for (const native of catalog.nativeNames) consider(native, native);
  const parts = name.split(catalog.separator);
  for (const { name: shown, pattern } of catalog.definitions.values()) {
    consider(shown, pattern.placeholders.length === 0 ? shown : filledLike(pattern, parts));
  }
  for (const instance of catalog.instances.keys()) consider(instance, instance);
  return nearest;
}

/** The pattern with its placeholders filled from `parts`, so that only literal parts can differ. */
function filledLike(pattern: Pattern, parts: readonly string[]): string {
  return pattern.segments
    .map((segment, index) => {
      if (segment.kind === 'literal') return segment.text;
      return segment.rest ? parts.slice(index).join(pattern.separator) : (parts[index] ?? '');
    })
    .join(pattern.separator);
}
