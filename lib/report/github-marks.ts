import { relative } from 'node:path';
import type { Place } from '../model/place.ts';

/** What GitHub Actions makes of lines that begin with `::`: groups and annotations. */
export interface GithubMarks {
  /** The beginning of a group that can be unfolded. */
  readonly group: (title: string) => string;
  readonly endGroup: string;
  /** A failure, shown at the place in the code. */
  readonly failure: (title: string, text: string, place: Place | undefined) => string;
  readonly warning: (text: string) => string;
  /** `text` in which nothing is taken for a command. */
  readonly inert: (text: string) => string;
}

/**
 * @param workspace The folder of the repository.
 * @param token Gives a word that nobody can guess, another one each time.
 */
export function githubMarks(workspace: string, token: () => string): GithubMarks {
  return {
    group: (title) => `::group::${escaped(title)}\n`,
    endGroup: '::endgroup::\n',
    failure(title, text, place) {
      const where = place === undefined ? [] : placeProperties(place, workspace);
      const properties = [...where, `title=${escapedProperty(title)}`];
      return `::error ${properties.join(',')}::${escaped(text)}\n`;
    },
    warning: (text) => `::warning title=parproc::${escaped(text)}\n`,
    inert(text) {
      if (!/##\[|^\s*::/m.test(text)) return text;
      const word = token();
      return `::stop-commands::${word}\n${text}${text.endsWith('\n') ? '' : '\n'}::${word}::\n`;
    },
  };
}

function placeProperties({ file, line, column }: Place, workspace: string): string[] {
  const path = relative(workspace, file);
  return [`file=${escapedProperty(path)}`, `line=${line}`, `col=${column}`];
}

function escaped(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapedProperty(text: string): string {
  return escaped(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
