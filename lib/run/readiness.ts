import { stripVTControlCharacters } from 'node:util';
import type { ReadyWhen } from '../model/service.ts';

/** What readiness is told by. */
export interface ReadinessEffects {
  /** Runs a function after so many milliseconds; what it returns cancels that. */
  after(ms: number, run: () => void): () => void;
  isListening(port: number): Promise<boolean>;
}

/** How often is looked whether a service listens. */
const lookMs = 25;
/** Of a line that does not end so much is looked at. */
const longestLine = 64 * 1024;

/** Looks whether a service has become ready, until it has or is not to any more. */
export class Readiness {
  readonly #effects: ReadinessEffects;
  readonly #reached: () => void;
  readonly #line: RegExp | undefined;
  /** The line of each stream that has not ended yet. */
  readonly #rests = { stdout: '', stderr: '' };
  #cancel: () => void = () => undefined;
  #isOver = false;

  /** @param reached Called at most once: the service is ready. */
  constructor(readyWhen: ReadyWhen, effects: ReadinessEffects, reached: () => void) {
    this.#effects = effects;
    this.#reached = reached;
    if (readyWhen.kind === 'line') this.#line = new RegExp(readyWhen.source, readyWhen.flags);
    if (readyWhen.kind === 'port') void this.#lookAt(readyWhen.port);
  }

  /** Takes in what the service has written; a line may come in pieces. */
  take(stream: 'stdout' | 'stderr', text: string): void {
    if (this.#isOver || this.#line === undefined) return;
    const lines = (this.#rests[stream] + text).split('\n');
    this.#rests[stream] = (lines.at(-1) ?? '').slice(-longestLine);
    for (const line of lines) {
      if (!this.#line.test(stripVTControlCharacters(line).replace(/\r$/, ''))) continue;
      this.end();
      this.#reached();
      return;
    }
  }

  /** Looks no more. */
  end(): void {
    this.#isOver = true;
    this.#cancel();
  }

  async #lookAt(port: number): Promise<void> {
    const listens = await this.#effects.isListening(port);
    if (this.#isOver) return;
    if (listens) {
      this.end();
      this.#reached();
    } else this.#cancel = this.#effects.after(lookMs, () => void this.#lookAt(port));
  }
}
