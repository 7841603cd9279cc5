import type { ReverseDep } from '../model/definition.ts';
import { isUserError } from '../model/errors.ts';
import { isGlob, parsePattern } from '../model/pattern.ts';
import type { Draft } from './draft.ts';
import type { ConditionalReverseDep } from './markers.ts';

/**
 * One entry of `.rdeps()`, checked against the names that its declarer knows.
 *
 * @throws DefinitionError `invalid-pattern`, `invalid-option`
 */
export function reverseDepOf(entry: string | ConditionalReverseDep, draft: Draft): ReverseDep {
  const { kind, text } = conditionOf(entry, draft);
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

function conditionOf(
  entry: unknown,
  draft: Draft,
): { readonly kind: ReverseDep['kind']; readonly text: string } {
  if (typeof entry === 'string') return { kind: 'always', text: entry };
  if (typeof entry === 'object' && entry !== null && 'kind' in entry && 'pattern' in entry) {
    const { kind, pattern } = entry;
    const isKnown = kind === 'when-scheduled' || kind === 'when-target-scheduled';
    if (isKnown && typeof pattern === 'string') return { kind, text: pattern };
  }
  return draft.refuse(
    'rdeps',
    entry,
    "Give names and patterns, or whenScheduled('deploy::[env]').",
  );
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
