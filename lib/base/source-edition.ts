/** Told by `scripts/bundle.mjs`. */
declare const sourcesDigest: string | undefined;

/** Differs whenever the code of this package does; empty where that is not bundled, as in tests. */
export const sourceEdition: string = typeof sourcesDigest === 'string' ? sourcesDigest : '';
