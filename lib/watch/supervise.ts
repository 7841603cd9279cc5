import { type BuildFiles, buildFilesOf } from '../run/build-files.ts';
import { host } from '../run/host.ts';
import { Successor } from '../run/successor.ts';
import { isSuccessor, tellPredecessor } from '../run/successor-link.ts';
import { FolderWatcher } from './folder-watcher.ts';
import { WatchedPaths } from './watched-paths.ts';

/** What is needed to go on in a fresh process. */
export interface SuperviseOptions {
  /** Absolute. */
  readonly workDir: string;
  /** The files with which the build begins. */
  readonly entries: readonly string[];
  readonly debounceMs: number;
  /** Told when what has changed cannot be loaded: nothing happens before it changes again. */
  readonly onBroken: () => void;
}

/** A Ctrl-C at a terminal reaches all processes there at about the same time. */
const passOnMs = 250;

/**
 * Lets a fresh process go on with watching, and another one each time the build files change; this
 * one keeps the terminal. Never returns: the process ends as the last of them does.
 */
export async function supervise(options: SuperviseOptions): Promise<never> {
  if (isSuccessor()) {
    await tellPredecessor({ kind: 'reload' });
    host.exitQuietly(0);
  }
  host.closeServers();
  let isEnding = false;
  let successor: Successor | undefined;
  host.onSignal((signal) => {
    isEnding = true;
    const current = successor;
    if (current === undefined) host.exitQuietly(host.codeOfSignal(signal));
    else host.after(passOnMs, () => current.pass(signal));
  });
  for (;;) {
    const files = buildFilesOf(options.entries);
    successor = new Successor();
    const { code, hasWatched, wantsReload } = await successor.ended;
    successor = undefined;
    if (isEnding || (!wantsReload && hasWatched)) host.exitQuietly(code);
    if (wantsReload) continue;
    options.onBroken();
    await changeOf(files, options);
  }
}

/** Resolves when the build files are not what they were. */
async function changeOf(before: BuildFiles, options: SuperviseOptions): Promise<void> {
  const { workDir, entries, debounceMs } = options;
  const paths = new WatchedPaths({ workDir, discoveredBy: () => [] });
  for (const path of new Set([...before.paths, ...buildFilesOf(entries).paths])) {
    paths.addPlain('build', path);
  }
  await new Promise<void>((resolve) => {
    let cancel: () => void = () => undefined;
    const look = (): void => {
      cancel();
      cancel = host.after(debounceMs, () => {
        if (buildFilesOf(entries).digest === before.digest) return;
        void watcher.close().then(resolve);
      });
    };
    const watcher = new FolderWatcher({
      workDir,
      basesOutside: () => paths.folders.basesOutside(),
      isNeeded: (folder) => paths.folders.isNeeded(folder),
      isMeant: (path) => paths.owners(path, false).size > 0,
      onChange: (path, isFolder) => {
        if (paths.owners(path, isFolder).size > 0) look();
      },
      onReady: look,
      onTrouble: look,
    });
  });
}
