/** Compiles only if `A` and `B` are the same type. */
export type Same<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** `same<A, B>(true)` compiles only if they are. */
export function same<A, B>(_proof: Same<A, B>): void {
  // The compiler has done the work.
}
