/** A block of code, and what the comment before it says that it is for. */
export interface Block {
  /** `file: NAME` (put there or added to it), `run`, or another reason to be there. */
  readonly use: string;
  readonly lines: readonly string[];
}

/** The sections of a document by title; what comes before the first is `''`. */
export function sectionsOf(text: string): Map<string, string> {
  const sections = new Map<string, string>();
  for (const part of text.split(/^(?=## )/m)) {
    const [, title = ''] = /^## (.*)/.exec(part) ?? [];
    sections.set(title, part);
  }
  return sections;
}

/** The blocks of code of a document, indented ones as well, since they too are to be run. */
export function blocksOf(text: string): Block[] {
  const fenced = /(?:<!-- (.*) -->\n\n)?^```.*\n([\s\S]*?)^```$/gm;
  const blocks = [...text.matchAll(fenced)].map(([, use = 'nothing', code = '']) => ({
    use,
    lines: code.trimEnd().split('\n'),
  }));
  const indented = text.replaceAll(fenced, '').match(/^ {4}\S.*$/gm) ?? [];
  return indented.length === 0 ? blocks : [...blocks, { use: 'indented', lines: indented }];
}

/** The rows of all tables of a document, heads left out, as trimmed cells. */
export function rowsOf(text: string): string[][] {
  const lines = text.split('\n').filter((line) => line.startsWith('|'));
  return lines
    .filter((line, at) => !isRule(line) && !isRule(lines[at + 1] ?? ''))
    .map((line) =>
      line
        .slice(1, -1)
        .split(/(?<!\\)\|/)
        .map((cell) => cell.trim()),
    );
}

function isRule(line: string): boolean {
  return /^[|\s-]+$/.test(line);
}
