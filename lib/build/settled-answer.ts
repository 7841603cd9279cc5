import type { Settings } from '../model/options.ts';
import type { RunResult } from '../model/run-result.ts';
import { host } from '../run/host.ts';
import type { Request, Root } from '../run/request.ts';
import type { SettledRequest } from '../run/settled-request.ts';
import type { Standing } from '../run/standings.ts';
import { tellSettled } from '../run/tell-settled.ts';

/** What was asked for, and how. */
export interface SettledTerms {
  readonly request: Pick<Request, 'names' | 'root'>;
  readonly settings: Settings;
  /** Whether nothing is to be said. */
  readonly isSilent: boolean;
  /** Milliseconds of the clock of the events. */
  readonly startedAt: number;
}

const upToDate: Standing = { state: { kind: 'up-to-date' }, value: undefined };

/** A request that was answered without a session: all that is left to be done is to say so. */
export class SettledAnswer {
  readonly found: SettledRequest;
  readonly #terms: SettledTerms;
  #isTold = false;

  constructor(found: SettledRequest, terms: SettledTerms) {
    this.found = found;
    this.#terms = terms;
    host.onExit(() => this.tell());
  }

  get result(): RunResult {
    const { request, startedAt } = this.#terms;
    const results = Object.create(null) as Record<string, unknown>;
    for (const name of request.names) results[name] = undefined;
    const durationMs = host.now() - startedAt;
    return Object.freeze({
      ok: true,
      results: Object.freeze(results),
      tasks: new Map(),
      durationMs,
    });
  }

  /** Says it in the turn after `root` has ended, as of any run. */
  rootMayHaveEnded(root: Root): void {
    if (root !== this.#terms.request.root || this.#isTold) return;
    setImmediate(() => {
      if (!root.isInProgress()) this.tell();
    });
  }

  /** Says it unless that was done before. */
  tell(): void {
    if (this.#isTold) return;
    this.#isTold = true;
    const { settings, isSilent, startedAt } = this.#terms;
    if (!isSilent) tellSettled(this.found.count, host.now() - startedAt, settings);
  }

  standingOf(name: string): Standing | undefined {
    return this.found.settled.has(name) ? upToDate : undefined;
  }

  standings(): ReadonlyMap<string, Standing> {
    return new Map([...this.found.settled.names()].map((name) => [name, upToDate]));
  }
}
