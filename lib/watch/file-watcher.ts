/** What is watched, and who hears of it. */
export interface FileWatcherOptions {
  /** Absolute; paths are relative to it, with `/`. */
  readonly workDir: string;
  /** Whether a folder is to be watched; empty for the working directory. */
  readonly isNeeded: (folder: string) => boolean;
  /** Paths outside of the working directory that are to be watched, with all below them. */
  readonly basesOutside: () => readonly string[];
  /** Whether a path is to be heard of; asked where each file costs something. */
  readonly isMeant: (path: string) => boolean;
  /** Something has happened at a path; a folder: it is new or gone, with all that is below it. */
  readonly onChange: (path: string, isFolder: boolean) => void;
  /** It is in place: whatever happens from now on is heard of. */
  readonly onReady: () => void;
  /** Something cannot be watched, so changes of it are not heard of. */
  readonly onTrouble: (error: NodeJS.ErrnoException) => void;
}

/** Tells of changes of files. */
export interface FileWatcher {
  /** More may be needed than before. Never rejects. */
  catchUp(): Promise<void>;
  /** Watches nothing any more. Never rejects. */
  close(): Promise<void>;
}
