/** `import()`, which has to stand here alone: the bundle puts another in its place (`scripts/bundle.mjs`). */
export function importLate<T>(specifier: string): Promise<T> {
  return import(specifier) as Promise<T>;
}
