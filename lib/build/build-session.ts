import { sealedDefinitions, settings } from '../dsl/program.ts';
import type { Settings } from '../model/options.ts';
import { loadPictures } from '../run/load-pictures.ts';
import type { OpenedSession, SessionParts } from '../run/open-session.ts';
import { workerSetup } from '../run/worker-setup.ts';
import type { Front } from './front.ts';
import { loadSession } from './load-session.ts';
import { refuseChange } from './refuse-change.ts';

/** What the session of a build is opened with, beside options and command line. */
export interface BuildSessionParts
  extends Pick<
    SessionParts,
    | 'catalog'
    | 'foreseen'
    | 'recalled'
    | 'note'
    | 'isChanged'
    | 'readLook'
    | 'keepLook'
    | 'keepNews'
    | 'create'
  > {
  /** Through what the build is used now. */
  readonly front: () => Front;
}

/** The session of a build: opened when it is first needed, and anew when options have changed. */
export class BuildSession {
  readonly #parts: BuildSessionParts;
  #opening: Promise<OpenedSession> | undefined;
  #opened: OpenedSession | undefined;
  /** What it was opened with. */
  #openedWith: Settings | undefined;
  #closing: Promise<void> = Promise.resolve();

  constructor(parts: BuildSessionParts) {
    this.#parts = parts;
  }

  /** Whether one is open or is being opened. */
  get isOpen(): boolean {
    return this.#opening !== undefined;
  }

  /** The session, if one is open. */
  get opened(): OpenedSession | undefined {
    return this.#opened;
  }

  /**
   * Opens the session, or returns that which is open.
   *
   * @param isWatched Whether tasks are watched in it.
   * @throws UsageError (by rejecting) `definition-sealed` if options were changed while tasks run
   */
  async open(isWatched: boolean): Promise<OpenedSession> {
    const now = this.settings();
    if (this.#openedWith !== undefined && !isSame(now, this.#openedWith)) {
      if (this.#opened?.session.isBusy !== false || isWatched) {
        refuseChange('Options were changed while tasks run');
      }
      this.close();
    }
    this.#openedWith = now;
    this.#opening ??= this.#closing.then(() => this.#open(now));
    return this.#opening;
  }

  /** Closes it; nothing may be running. The next one is opened when that is done. */
  close(): void {
    const opened = this.#opened;
    this.#opening = undefined;
    this.#opened = undefined;
    this.#openedWith = undefined;
    if (opened !== undefined) this.#closing = opened.close();
  }

  /** The options, as the command line changes them. */
  settings(): Settings {
    const { parallel, failureMode, isCacheOff } = this.#parts.front().commandLine();
    const base = settings();
    return {
      ...base,
      parallel: parallel ?? base.parallel,
      failureMode: failureMode ?? base.failureMode,
      cache: isCacheOff ? false : base.cache,
    };
  }

  /** What a session with these options is made of. */
  async partsFor(own: Settings): Promise<SessionParts> {
    const { front, ...parts } = this.#parts;
    const { gulpfile, json, logs, explain, isSilent, timeline, graph, report } =
      front().commandLine();
    const files = [...sealedDefinitions().values()].map(({ place }) => place.file);
    return {
      settings: own,
      setup: workerSetup(gulpfile, [...new Set(files)]),
      views: {
        view: json ? 'json' : isSilent ? 'none' : 'text',
        showsLogs: logs,
        explain,
        pictures: await loadPictures({ timeline, graph, report }),
      },
      ...parts,
      runNative: (name, run) => front().runNative(name, run),
    };
  }

  async #open(own: Settings): Promise<OpenedSession> {
    const { openSession } = await loadSession();
    this.#opened = openSession(await this.partsFor(own));
    return this.#opened;
  }
}

function isSame(a: Settings, b: Settings): boolean {
  const { cache: aCache, ...aRest } = a;
  const { cache: bCache, ...bRest } = b;
  return aCache === bCache && JSON.stringify(aRest) === JSON.stringify(bRest);
}
