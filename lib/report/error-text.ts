import type { ErrorImage } from '../model/error-image.ts';

const foreignFrame =
  /node:internal|[\\/]node_modules[\\/]|\(node:|at node:|[\\/]parproc[\\/]dist[\\/]/;
const mostFrames = 8;

/** An error for people: what it says, the frames in the user's own code, and its causes. */
export function errorText(image: ErrorImage): string {
  const lines = [headOf(image), ...framesOf(image)];
  for (const inner of image.errors ?? []) lines.push(indented(errorText(inner)));
  if (image.cause !== undefined) lines.push(`caused by ${errorText(image.cause)}`);
  return lines.join('\n');
}

function headOf({ name, message, code }: ErrorImage): string {
  const withCode = code !== undefined && !message.includes(String(code)) ? ` [${code}]` : '';
  return `${name}${withCode}: ${message}`;
}

/** Frames of libraries say little, unless there are no others. */
function framesOf({ stack }: ErrorImage): string[] {
  const frames = (stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  const own = frames.filter((line) => !foreignFrame.test(line));
  return (own.length > 0 ? own : frames.slice(0, 3))
    .slice(0, mostFrames)
    .map((line) => `  ${line.trim()}`);
}

function indented(text: string): string {
  return text.replace(/^/gm, '  ');
}
