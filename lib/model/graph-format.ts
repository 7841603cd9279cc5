/** In which `--graph` is written. `mmd`: Mermaid. `dot`: Graphviz. `json`: the tasks as data. */
export type GraphFormat = (typeof graphFormats)[number];

/** All of them: they are also the endings of the files. */
export const graphFormats = ['mmd', 'dot', 'json'] as const;

/** The format that a file name asks for by its ending; undefined if it is none of these. */
export function graphFormatOf(file: string): GraphFormat | undefined {
  return graphFormats.find((format) => file.toLowerCase().endsWith(`.${format}`));
}
