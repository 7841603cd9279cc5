const unsafeInName = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu;

/** All that a terminal or a log viewer does not simply print; what matches no named group is dropped. */
const steeringParts = [
  String.raw`(?<lineEnd>\r\n?|[\v\f\x85\u2028\u2029])`,
  String.raw`(?<color>\x1b\[[\d:;]*m)`,
  String.raw`(?<bidi>\p{Bidi_Control})`,
  // Control sequences (CSI), then control strings (OSC, DCS, ...) up to their end or the line's.
  String.raw`(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?`,
  String.raw`(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c\r\n]*(?:\x07|\x1b\\|\x9c)?`,
  String.raw`\x1b[ -/]*[0-~]?`,
  String.raw`(?![\t\n])\p{Cc}`,
];
/** Put together when there is something to show: it takes half a millisecond. */
let steering: RegExp | undefined;

const colorStart = '\u001b[';
const colorReset = '\u001b[0m';

/**
 * A name or path on one line, with everything that could steer a terminal made visible: `\u001b`.
 * JSON text stays the same JSON.
 */
export function safeName(name: string): string {
  return name.replace(unsafeInName, visible);
}

/**
 * What a task wrote, without anything that steers a terminal except colours (SGR), and those only
 * if `color`; none lasts beyond its line. A carriage return begins a new line, so that it cannot
 * overwrite what stands there.
 */
export function safeText(text: string, color: boolean): string {
  steering ??= new RegExp(steeringParts.join('|'), 'gu');
  const safe = text.replace(steering, (match, ...rest) => {
    const { lineEnd, color: style, bidi } = rest.at(-1) as Record<string, string | undefined>;
    if (lineEnd !== undefined) return '\n';
    if (style !== undefined) return color ? match : '';
    return bidi === undefined ? '' : visible(match);
  });
  return color && safe.includes(colorStart) ? safe.split('\n').map(closed).join('\n') : safe;
}

function closed(line: string): string {
  return line.includes(colorStart) && !line.endsWith(colorReset) ? line + colorReset : line;
}

function visible(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
