import { sha256 } from '../base/sha256.ts';

const longest = 100;

/**
 * The file name for the log of a task, without a folder: `styles.dev.log` for `styles::dev`. A name
 * of which this cannot be made without loss has a digest in it, so that no two tasks share a file.
 */
export function logName(task: string): string {
  const plain = task.replaceAll('::', '.');
  if (isPlain(task) && plain.length <= longest) return `${plain}.log`;
  const readable = plain.replace(/[^\w@+.-]+/g, '_').replace(/^(?:[.-]+|$)/, '_');
  return `${readable.slice(0, longest)}~${sha256(task).slice(0, 10)}.log`;
}

/** Neither dots, which stand for the separator, nor what Windows takes for a device. */
function isPlain(task: string): boolean {
  const isWord = /^[\w@+][\w@+-]*(?:::[\w@+-]+)*$/.test(task);
  return isWord && !/^(?:con|prn|aux|nul|com\d|lpt\d)(?:::|$)/i.test(task);
}
