import type { TaskNode } from '../model/node.ts';
import type { RunEvent } from '../model/run-event.ts';
import type { Service } from '../model/service.ts';
import type { TaskHooks, TaskReport } from '../pool/task-pool.ts';
import type { Attempt } from './effects.ts';
import {
  notReady,
  type RunningEffects,
  RunningService,
  type ServiceEnd,
} from './running-service.ts';

/** What services need of the outside world. */
export interface ServicesEffects extends RunningEffects {
  emit(event: RunEvent): void;
  /** How long a service may take to be ready, in milliseconds; undefined: as long as it likes. */
  limitMs(node: TaskNode): number | undefined;
  /** Tells all that a service is started from. */
  digestOf(node: TaskNode, seen: Attempt['seen']): string;
  /** Nothing is left of a service that was ready. */
  ended(name: string, end: ServiceEnd): void;
}

/**
 * The services of this process. Each is a task that has succeeded as soon as it is ready; from then
 * on it belongs to no run, and runs until it is told to stop or dies.
 */
export class Services {
  readonly #effects: ServicesEffects;
  readonly #running = new Map<string, RunningService>();
  readonly #dead = new Set<string>();

  constructor(effects: ServicesEffects) {
    this.#effects = effects;
  }

  /** Whether any runs. */
  get areAny(): boolean {
    return this.#running.size > 0;
  }

  /** Whether a service is ready and not about to end. */
  isAlive(name: string): boolean {
    return this.#running.get(name)?.isAlive === true;
  }

  /** Those that have died since they were last started. */
  get dead(): ReadonlySet<string> {
    return this.#dead;
  }

  /** Whether a service is alive that was started from just what has been seen now. */
  isAsStarted(node: TaskNode, seen: Attempt['seen']): boolean {
    const running = this.#running.get(node.name);
    if (running?.isAlive !== true || running.hasAsked) return false;
    return running.digest === this.#effects.digestOf(node, seen);
  }

  /**
   * Starts a service, after an earlier one of its name has ended. Settles when it is ready, which is
   * its success, or cannot be any more. Never rejects.
   */
  async start(
    node: TaskNode,
    { readyWhen }: Service,
    attempt: Attempt,
    hooks: TaskHooks,
  ): Promise<TaskReport> {
    const { name } = node;
    await this.stop(name);
    this.#dead.delete(name);
    if (readyWhen.kind === 'port' && (await this.#effects.isListening(readyWhen.port))) {
      return notReady({ readyWhen, why: 'port-taken' });
    }
    if (attempt.signal.aborted) {
      return { outcome: { kind: 'cancelled' }, paramsRead: [], discovered: [] };
    }
    const running = new RunningService(
      {
        node,
        readyWhen,
        attempt,
        hooks,
        limitMs: this.#effects.limitMs(node),
        digest: this.#effects.digestOf(node, attempt.seen),
        onOutput: (stream, text) => {
          const at = this.#effects.now();
          this.#effects.emit({ event: 'service-output', at, task: name, stream, text });
        },
      },
      this.#effects,
    );
    this.#running.set(name, running);
    void running.gone.then((end) => this.#onGone(name, running, end));
    return running.begun();
  }

  /** Stops a service: its group gets SIGTERM, then SIGKILL. Resolves when nothing of it is left. */
  async stop(name: string): Promise<void> {
    const running = this.#running.get(name);
    running?.stop();
    await running?.gone;
  }

  /** Resolves when nothing is left of any of these. */
  async gone(names: readonly string[]): Promise<void> {
    const running = names.flatMap((name) => this.#running.get(name) ?? []);
    await Promise.all(running.map(({ gone }) => gone));
  }

  /** Tells all services to end. */
  stopAll(): void {
    for (const running of this.#running.values()) running.stop();
  }

  #onGone(name: string, running: RunningService, end: ServiceEnd | undefined): void {
    if (this.#running.get(name) === running) this.#running.delete(name);
    if (end === undefined) return;
    const { hasDied, failure, tookMs } = end;
    if (hasDied) this.#dead.add(name);
    this.#effects.emit({
      event: 'service-ended',
      at: this.#effects.now(),
      task: name,
      tookMs,
      how: hasDied ? 'died' : 'stopped',
      ...(failure !== undefined && { failure }),
    });
    this.#effects.ended(name, end);
  }
}
