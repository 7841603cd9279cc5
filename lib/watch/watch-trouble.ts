/** What is said of trouble with watching, and what is done about it. */
export interface WatchTrouble {
  readonly code: 'watch-polling' | 'watch-trouble';
  readonly text: string;
  /** Whether the system cannot watch as many folders as there are: nothing but looking helps. */
  readonly isExhaustion: boolean;
}

/** How often files are looked at where the system does not tell of changes, in milliseconds. */
export const pollMs = 1000;

const remedies: Readonly<Record<string, string>> = {
  ENOSPC: 'sudo sysctl fs.inotify.max_user_watches=524288',
  EMFILE:
    'sudo sysctl fs.inotify.max_user_instances=1024, or raise the limit of open files (ulimit -n)',
  ENFILE: 'sudo sysctl fs.file-max=2097152',
};

/** What `error` of a watcher means. */
export function watchTroubleOf(error: NodeJS.ErrnoException): WatchTrouble {
  const remedy = remedies[error.code ?? ''];
  if (remedy === undefined) {
    const text = `Some files are not watched: ${error.message}`;
    return { code: 'watch-trouble', text, isExhaustion: false };
  }
  const text =
    `The system cannot watch that much (${error.code}): files are looked at every ` +
    `${pollMs / 1000} s instead, which is slower. To mend it: ${remedy}`;
  return { code: 'watch-polling', text, isExhaustion: true };
}
