import { host } from '../run/host.ts';
import { listenToKeys } from '../run/keys.ts';
import type { OpenedSession } from '../run/open-session.ts';
import type { Request } from '../run/request.ts';
import { tellPredecessor } from '../run/successor-link.ts';
import type { Watch } from '../watch/watch.ts';

/** A wish to have tasks kept up to date. */
export interface WatchWish extends Pick<Request, 'names' | 'onTaken'> {
  /** Ends it. */
  readonly signal?: AbortSignal;
}

/** How tasks are kept up to date in this process. */
export interface WatchTerms {
  /** Whether the first run executes everything, up to date or not. */
  readonly full: boolean;
  readonly debounceMs: number;
  readonly interrupt: boolean;
  /** Whether a person reads what is reported, and may press keys. */
  readonly isForPerson: boolean;
}

/** What keeps tasks up to date in this process; it ends together, for a fresh one to go on. */
export class Watches {
  #count = 0;
  #reloading: Promise<never> | undefined;

  /** How many there are. */
  get count(): number {
    return this.#count;
  }

  /**
   * Resolves when the process is told to end, or the signal of the wish is aborted.
   *
   * @throws DefinitionError (by rejecting, before anything starts) with every problem of the request
   */
  async watch(opened: OpenedSession, wish: WatchWish, terms: WatchTerms): Promise<void> {
    this.#count++;
    try {
      await this.#untilEnded(opened, wish, terms);
      await this.#reloading;
    } finally {
      this.#count--;
    }
  }

  async #untilEnded(opened: OpenedSession, wish: WatchWish, terms: WatchTerms): Promise<void> {
    const { Watch: Opened } = await import('../watch/watch.ts');
    const { names, onTaken, signal } = wish;
    const { full, debounceMs, interrupt } = terms;
    // A program may have uses of its own for what is typed.
    const hasKeys = terms.isForPerson && host.isGulp() && host.hasTerminal();
    const watch = await Opened.open(opened, {
      names,
      full,
      debounceMs,
      interrupt,
      hasKeys,
      onBuildChanged: () => this.#reload(opened, debounceMs),
      onTaken: (run, taken) => onTaken?.(run, taken),
    });
    void tellPredecessor({ kind: 'watching' });
    const stopKeys = hasKeys ? takeKeys(watch, opened) : () => undefined;
    if (signal?.aborted === true) watch.end();
    signal?.addEventListener('abort', () => watch.end());
    await watch.ended;
    stopKeys();
  }

  /** Ends what runs here; a fresh process goes on, at the end of which this one ends. */
  #reload(opened: OpenedSession, debounceMs: number): void {
    if (this.#reloading !== undefined) return;
    const { session, facts } = opened;
    const { workDir, buildEntries: entries } = facts;
    const onBroken = (): void => facts.emit({ event: 'build-broken', at: facts.now() });
    session.stop();
    session.abortAll();
    this.#reloading = session
      .idle()
      .then(() => opened.close())
      .then(() => import('../watch/supervise.ts'))
      .then(({ supervise }) => supervise({ workDir, entries, debounceMs, onBroken }));
  }
}

/** @returns Stops that. */
function takeKeys(watch: Watch, { session, facts }: OpenedSession): () => void {
  return listenToKeys((key) => {
    if (key === 'r' || key === 'f') watch.rerun(key === 'f');
    else if (key === '?') facts.emit({ event: 'keys-asked', at: facts.now() });
    else if (key === 'q') {
      session.stop();
      session.abortAll();
    }
  });
}
