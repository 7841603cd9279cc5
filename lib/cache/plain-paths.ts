import type { TaskNode } from '../model/node.ts';
import { plainPath } from '../model/path-spec.ts';
import { statsIn } from './stats-of.ts';

/**
 * The input files of a task that names nothing but files, sorted; undefined for any other task,
 * which has to be looked at more closely.
 */
export function plainInputs(node: TaskNode, workDir: string): string[] | undefined {
  if (node.ignore.length > 0) return undefined;
  const files: string[] = [];
  for (const path of node.inputs) {
    if (typeof path !== 'string' || !plainPath.test(path) || files.includes(path)) return undefined;
    if (statsIn(workDir, path)?.kind === 'folder') return undefined;
    files.push(path);
    if (files.length > mostFiles) return undefined;
  }
  for (const output of node.outputs) {
    if (!plainPath.test(output)) return undefined;
    if (files.some((file) => file === output || file.startsWith(`${output}/`))) return undefined;
  }
  return files.length < 2 ? files : files.sort((a, b) => (a < b ? -1 : 1));
}

/** The outputs, sorted, if each is the name of a file that is there; undefined otherwise. */
export function plainOutputs(outputs: readonly string[], workDir: string): string[] | undefined {
  if (outputs.length > mostFiles) return undefined;
  const files: string[] = [];
  for (const path of outputs) {
    if (!plainPath.test(path) || files.includes(path)) return undefined;
    const stats = statsIn(workDir, path);
    if (stats === undefined || stats.kind === 'folder') return undefined;
    files.push(path);
  }
  return files.length < 2 ? files : files.sort((a, b) => (a < b ? -1 : 1));
}

/** So few that comparing each with each is quicker than anything else. */
const mostFiles = 20;
