import { styleText } from 'node:util';
import { safeText } from './terminal-safe.ts';

type Style = Parameters<typeof styleText>[0];

/** How text for people looks where it goes. */
export interface Look {
  readonly color: boolean;
  /** `text` in a style, or as it is without colours. */
  readonly paint: (style: Style, text: string) => string;
  /** `text` leading to a file where that can be followed; `path` is absolute. */
  readonly link: (text: string, path: string) => string;
}

/** @param linkTo Where given, a file's path as what a terminal follows. */
export function lookOf(color: boolean, linkTo?: (path: string) => string): Look {
  return {
    color,
    paint: (style, text) => (color ? styleText(style, text, { validateStream: false }) : text),
    link: (text, path) => (linkTo === undefined ? text : hyperlink(text, linkTo(path))),
  };
}

/** What a task wrote, or what is said of it, with a bar before each line; empty if there is nothing. */
export function block({ color, paint }: Look, style: Style, text: string, bar = '┃'): string {
  const lines = withoutLastLineEnds(safeText(text, color));
  return lines === '' ? '' : lines.replace(/^/gm, `  ${paint(style, bar)} `).concat('\n');
}

/** As terminals take it (OSC 8); others print the text alone. */
function hyperlink(text: string, url: string): string {
  return `\u001b]8;;${url}\u001b\\${text}\u001b]8;;\u001b\\`;
}

/** By hand, since the pattern for it takes quadratic time in the number of empty lines. */
function withoutLastLineEnds(text: string): string {
  let end = text.length;
  while (text[end - 1] === '\n') end--;
  return text.slice(0, end);
}
