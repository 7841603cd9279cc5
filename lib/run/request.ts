import type { Patience } from './open-requests.ts';

/** What a chain of gulp tasks hangs from: one command line, one trigger of a watch. */
export interface Root {
  isInProgress(): boolean;
}

/** A wish to have tasks done. */
export interface Request {
  readonly names: readonly string[];
  readonly root: Root;
  /** Whether it comes from inside a gulp task in progress: only then may it join ended tasks. */
  readonly isInside: boolean;
  readonly full: boolean;
  readonly patience: Patience;
  /** Whether nobody reads in the result how each task ended: `tasks` stays empty then. */
  readonly isBrief?: boolean;
  /** Told which run the request joined or began, and the full names that it stands for. */
  readonly onTaken?: (run: number, names: readonly string[]) => void;
}

/** A wish to have tasks done whenever there is a reason to. */
export interface LastingRequest extends Pick<Request, 'names' | 'full' | 'onTaken'> {
  /** Called each time when all of it has ended. */
  readonly onOver: () => void;
}
