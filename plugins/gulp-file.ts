/** As much of a vinyl as is needed here, whichever version of vinyl has made it. */
export interface GulpFile {
  path: string;
  base: string;
  cwd: string;
  readonly relative: string;
  contents: unknown;
  sourceMap?: unknown;
  isNull(): boolean;
  isBuffer(): boolean;
  clone(options: { readonly contents: boolean }): GulpFile;
}
