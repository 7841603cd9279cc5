import type { ReverseDep } from '../model/definition.ts';
import { isUserError } from '../model/errors.ts';
import { isGlob, parsePattern } from '../model/pattern.ts';
import type { Draft } from './draft.ts';
import type { ConditionalReverseDep } from './markers.ts';

/**
 * One entry of `.rdeps()`, checked against the names that its declarer knows.
 *
 * @throws DefinitionError `invalid-pattern`, `invalid-name`
 */
export function reverseDepOf(entry: string | ConditionalReverseDep, draft: Draft): ReverseDep {
  const kind = typeof entry === 'string' ? 'always' : entry.kind;
  const text = typeof entry === 'string' ? entry : entry.pattern;
  if (typeof text !== 'string') {
    draft.fail(
      'invalid-pattern',
      `.rdeps() of '${draft.name}' was given something that is no name.`,
    );
  }
  if (isGlob(text)) {
    draft.fail(
      'invalid-pattern',
      `.rdeps('${text}') of '${draft.name}' has a glob, and reverse deps know only placeholders.`,
      `Write a placeholder where any value fits: '${text.replace(/[*?]+/g, '[any]')}'.`,
    );
  }
  const pattern = patternOf(text, draft);
  const unknown = pattern.placeholders.find((name) => !draft.knows(name));
  if (kind === 'when-scheduled' && unknown !== undefined) {
    draft.fail(
      'invalid-pattern',
      `whenScheduled('${text}') of '${draft.name}' has no argument [${unknown}] to fill in.`,
      `Give the task that argument, '${draft.name}${pattern.separator}[${unknown}]', or name one target: ` +
        `whenScheduled('${text.replace(`[${unknown}]`, 'prod')}').`,
    );
  }
  return { kind, pattern };
}

function patternOf(text: string, draft: Draft): ReverseDep['pattern'] {
  try {
    return parsePattern(text, draft.pattern.separator, draft.site.place);
  } catch (error) {
    if (!isUserError(error)) throw error;
    const [problem] = error.problems;
    return draft.fail(
      'invalid-pattern',
      `In .rdeps() of '${draft.name}': ${problem?.text}`,
      problem?.hint,
    );
  }
}
