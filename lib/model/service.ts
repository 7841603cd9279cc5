/** How it is known that a service is ready: a port at which it listens, or a line that it writes. */
export type ReadyWhen =
  | { readonly kind: 'port'; readonly port: number }
  | { readonly kind: 'line'; readonly source: string; readonly flags: string };

/** What makes a task a service: it keeps running, and is done for its dependants once it is ready. */
export interface Service {
  readonly readyWhen: ReadyWhen;
}
