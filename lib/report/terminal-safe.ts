import { stripVTControlCharacters } from 'node:util';

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not get through
const unsafeInName = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above; colours (SGR) are put back below
const unsafeInText = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape that begins a colour
const colours = /(\u001b\[[\d;]*m)/;

/** A name or path with everything that could steer a terminal made visible: `\x1b`. */
export function safeName(name: string): string {
  return name.replace(unsafeInName, visible);
}

/**
 * What a task wrote, without anything that steers a terminal except colours. A carriage return
 * becomes a new line, so that it cannot overwrite what stands there.
 */
export function safeText(text: string, color: boolean): string {
  return text
    .replace(/\r\n?/g, '\n')
    .split(colours)
    .map((part) => (colours.test(part) ? (color ? part : '') : withoutControls(part)))
    .join('');
}

function withoutControls(text: string): string {
  return stripVTControlCharacters(text).replace(unsafeInText, visible);
}

function visible(character: string): string {
  const code = character.charCodeAt(0);
  const digits = code.toString(16).padStart(code < 256 ? 2 : 4, '0');
  return code < 256 ? `\\x${digits}` : `\\u${digits}`;
}
