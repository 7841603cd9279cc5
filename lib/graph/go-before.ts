import type { ReverseDep } from '../model/definition.ts';
import type { Segment } from '../model/pattern.ts';
import type { RawArgs } from './definition-index.ts';
import type { Growing } from './growing.ts';
import { filled } from './make-node.ts';
import { MapNews } from './map-news.ts';
import { NameTrie } from './name-trie.ts';
import { addDep, type TaskSprout } from './sprout.ts';

/** Puts tasks that come into a request before the tasks that their reverse deps name. */
export class GoBefore {
  readonly #growing: Growing;
  #names: { readonly trie: NameTrie; readonly news: MapNews<string, unknown> } | undefined;

  constructor(growing: Growing) {
    this.#growing = growing;
  }

  /** Follows the reverse deps of `declarer`. */
  place(declarer: TaskSprout): void {
    for (const reverse of declarer.definition.rdeps) {
      if (reverse.kind === 'when-scheduled') this.#schedule(declarer, reverse);
      else this.#joinTargets(declarer, reverse);
    }
  }

  /** `when-scheduled`: the targets come with the declarer. */
  #schedule(declarer: TaskSprout, reverse: ReverseDep): void {
    this.#growing.collecting(() => {
      const name = filled(reverse.pattern.text, declarer.definition, declarer.rawArgs);
      for (const target of this.#growing.want(name, declarer.definition)) {
        this.#link(target, declarer, reverse.kind);
      }
    });
  }

  /** The other kinds: those targets that are there already. Later ones pull the declarer in. */
  #joinTargets(declarer: TaskSprout, reverse: ReverseDep): void {
    const { sprouts, graph } = this.#growing;
    for (const target of this.#targetsOf(declarer, reverse)) {
      const node = sprouts.get(target) ?? graph.get(target);
      if (node?.kind === 'task' && node.definition === declarer.definition) continue;
      this.#link(target, declarer, reverse.kind);
    }
  }

  #targetsOf({ definition, rawArgs }: TaskSprout, { pattern }: ReverseDep): readonly string[] {
    const { placeholders } = definition.pattern;
    const bound = pattern.segments.flatMap((segment) =>
      segment.kind === 'placeholder' && placeholders.includes(segment.name)
        ? literalsOf(segment, rawArgs, pattern.separator)
        : [segment],
    );
    if (bound.every(isLiteral)) {
      const name = bound.map(({ text }) => text).join(pattern.separator);
      return this.#growing.has(name) ? [name] : [];
    }
    const grown = this.#grownNames(bound, pattern.separator);
    return [...grown, ...this.#growing.index.namesFitting(bound, pattern.separator)];
  }

  #grownNames(segments: readonly Segment[], separator: string): string[] {
    this.#names ??= {
      trie: new NameTrie(separator),
      news: new MapNews<string, unknown>(this.#growing.sprouts),
    };
    for (const [name] of this.#names.news.read()) this.#names.trie.add(name);
    return this.#names.trie.fitting(segments);
  }

  #link(target: string, declarer: TaskSprout, kind: ReverseDep['kind']): void {
    const { sprouts, graph, hasBegun } = this.#growing;
    const { name } = declarer;
    if (target === name) return;
    const sprout = sprouts.get(target);
    if (sprout !== undefined) {
      if (sprout.kind !== 'missing') addDep(sprout, name);
      return;
    }
    if (graph.get(target)?.kind === 'missing') return;
    if (hasBegun(target)) {
      if (kind !== 'always') this.#growing.problems.push(late(target, declarer, kind));
      return;
    }
    const injected = this.#growing.injected.get(target);
    if (injected === undefined) this.#growing.injected.set(target, new Set([name]));
    else injected.add(name);
  }
}

function literalsOf(
  segment: Extract<Segment, { kind: 'placeholder' }>,
  rawArgs: RawArgs,
  separator: string,
): Segment[] {
  const text = `${segment.prefix}${rawArgs[segment.name] ?? ''}`;
  return text.split(separator).map((part) => ({ kind: 'literal', text: part }));
}

function isLiteral(segment: Segment): segment is Extract<Segment, { kind: 'literal' }> {
  return segment.kind === 'literal';
}

function late(target: string, { name, definition }: TaskSprout, kind: ReverseDep['kind']) {
  const step = kind === 'when-scheduled' ? 'WhenScheduled' : 'WhenTargetScheduled';
  return {
    code: 'late-reverse-dep',
    text: `'${name}' comes too late to go before '${target}' (${step}): that has begun already.`,
    place: definition.place,
    hint: `Ask for '${name}' together with '${target}', or before it; or make it a dep of '${target}'.`,
  } as const;
}
