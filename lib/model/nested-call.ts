/** What a running task asks of the build around it. Crosses processes. */
export type NestedCall =
  | { readonly kind: 'create'; readonly name: string; readonly as?: string }
  | { readonly kind: 'start'; readonly names: readonly string[] }
  /** Answered with a Map of results by full name. */
  | { readonly kind: 'wait'; readonly names: readonly string[] }
  | { readonly kind: 'input'; readonly message: string; readonly password: boolean };

/** Whether the clocks of the task stand still until it has its answer. */
export function isPause(call: NestedCall): boolean {
  return call.kind === 'wait' || call.kind === 'input';
}
