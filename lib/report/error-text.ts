import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ErrorImage } from '../model/error-image.ts';

const ownFolder = new URL('..', import.meta.url);
const ownFrames = [ownFolder.href, fileURLToPath(ownFolder)];
const foreignFrame = /[( ]node:|[\\/]node_modules[\\/]/;
const frameStart = /^[^\S\n]+at /m;
const mostFrames = 8;

/** An error for people: what it says, the frames in the user's own code, and its causes. */
export function errorText(image: ErrorImage): string {
  const head = headOf(image);
  const lines = [head, ...pluginLines(image, head), ...framesOf(image)];
  for (const inner of image.errors ?? []) lines.push(indented(errorText(inner)));
  if (image.cause !== undefined) lines.push(`caused by ${errorText(image.cause)}`);
  return lines.join('\n');
}

/** A stack may say more before its frames than name and message, such as the line that cannot be parsed. */
function headOf({ name, message, code, stack }: ErrorImage): string {
  const rest = afterMessage({ message, stack });
  const fromStack = stack?.slice(0, stack.length - rest.length + firstFrame(rest)).trimEnd() ?? '';
  const isWhole = fromStack.includes(name) && message !== '' && fromStack.includes(message);
  const head = isWhole ? fromStack : [name, message].filter((part) => part !== '').join(': ');
  const isCodeTold = typeof code !== 'string' || head.includes(code);
  return isCodeTold ? head : `${head} (${code})`;
}

/** Which gulp plugin it was, and at which file, unless that has been said. */
function pluginLines({ own }: ErrorImage, head: string): string[] {
  const { plugin, fileName } = (own ?? {}) as { plugin?: unknown; fileName?: unknown };
  const parts: string[] = [];
  if (typeof plugin === 'string' && !head.includes(plugin)) parts.push(`plugin ${plugin}`);
  if (typeof fileName === 'string' && !head.includes(basename(fileName))) {
    parts.push(`file ${fileName}`);
  }
  return parts.length > 0 ? [`  in ${parts.join(', ')}`] : [];
}

/** Frames of libraries say little, unless there are no others. */
function framesOf({ message, stack }: ErrorImage): string[] {
  const lines = afterMessage({ message, stack }).split('\n');
  const frames = lines.filter((line) => frameStart.test(line));
  const own = frames.filter((frame) => !isForeign(frame));
  const shown = own.length > 0 ? own.slice(0, mostFrames) : frames.slice(0, 3);
  return shown.map((frame) => `  ${frame.trim()}`);
}

function isForeign(frame: string): boolean {
  return foreignFrame.test(frame) || ownFrames.some((folder) => frame.includes(folder));
}

/** The part of the stack in which frames stand: the message may have lines that look like some. */
function afterMessage({
  message,
  stack = '',
}: {
  message: string;
  stack: string | undefined;
}): string {
  const at = stack.indexOf(message);
  return at === -1 ? stack : stack.slice(at + message.length);
}

function firstFrame(text: string): number {
  const at = text.search(frameStart);
  return at === -1 ? text.length : at;
}

function indented(text: string): string {
  return text.replace(/^/gm, '  ');
}
