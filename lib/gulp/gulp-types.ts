/** What parproc uses of a gulp instance (an Undertaker): structural, so that any copy of gulp fits. */
export interface Taker {
  task(name: string, fn: GulpCallable): void;
  series(...tasks: (GulpCallable | string)[]): GulpCallable;
  parallel(...fns: GulpCallable[]): GulpCallable;
  // biome-ignore lint/suspicious/noExplicitAny: Node's own signature of listeners
  on(event: string, listener: (event: any) => void): unknown;
  tree(options: { readonly deep: true }): GulpTree;
  watch?: unknown;
}

/** What gulp knows of how tasks are composed. */
export interface GulpTree {
  readonly label: string;
  readonly nodes: readonly GulpTree[];
}

/** A function that gulp can run, with what gulp reads from its properties. */
export interface GulpCallable {
  // biome-ignore lint/suspicious/noExplicitAny: gulp passes errors of any kind
  (done: (error?: any) => void): unknown;
  displayName?: string;
  description?: string;
  /** What it reads: paths and globs. Then it runs only if something of that has changed. */
  inputs?: string | readonly string[];
  /** What it makes, with `inputs`: it runs again if that has gone or was changed. */
  outputs?: string | readonly string[];
  flags?: Readonly<Record<string, string>>;
  unwrap?: () => GulpCallable;
}

/** An Undertaker registry, as `gulp.registry()` takes it. */
export interface Registry {
  // biome-ignore lint/suspicious/noExplicitAny: declared so by the types of undertaker-registry
  get(name: string): any;
  // biome-ignore lint/suspicious/noExplicitAny: as above
  set(name: string, fn: any): any;
  // biome-ignore lint/suspicious/noExplicitAny: as above
  init(taker: any): void;
  // biome-ignore lint/suspicious/noExplicitAny: as above
  tasks(): any;
}
