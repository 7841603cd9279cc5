import type { AgingOutput, InputPath, OutputPath } from './definition.ts';

/** A path that is relative, in normal form, and nothing in it that a glob or a negation could begin with. */
export const plainPath: RegExp = /^[\w@+-][\w@+.-]*(?:\/[\w@+-][\w@+.-]*)*$/;

/** Whether `value` is a path, a glob, or what `regexFiles()` gives. */
export function isInputPath(value: unknown): value is InputPath {
  return typeof value === 'string' || kindOf(value) === 'regex-files';
}

/** Whether `value` is a path, a glob, or what `output()` gives. */
export function isOutputPath(value: unknown): value is OutputPath {
  return typeof value === 'string' || isAging(value);
}

/** Whether `value` is what `output()` gives. */
export function isAging(value: unknown): value is AgingOutput {
  return kindOf(value) === 'output';
}

function kindOf(value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'kind' in value ? value.kind : undefined;
}
