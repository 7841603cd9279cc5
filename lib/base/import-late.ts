/**
 * `import()` of a package or a URL, for when it is needed. By this function only: in the bundle the code may
 * come out of V8's cache, in which `import()` does not know where it stands.
 */
export function importLate<T>(specifier: string): Promise<T> {
  return import(specifier) as Promise<T>;
}
