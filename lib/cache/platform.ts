import process from 'node:process';

/** What of the machine a result is taken to depend on. */
export const platformFacts: readonly string[] = [
  `node ${process.versions.node.split('.')[0] ?? ''}`,
  process.platform,
  process.arch,
];

/** The user's number, where there are such. */
export const ownUserId: number | undefined = process.getuid?.();

/** Whether a folder's times change at once with what is in it. */
export const tellsOfFolders: boolean = process.platform !== 'win32';
