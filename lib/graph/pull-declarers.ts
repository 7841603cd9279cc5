import { castArgs } from '../model/cast-args.ts';
import type { Definition, ReverseDep } from '../model/definition.ts';
import { isUserError } from '../model/errors.ts';
import { fillPattern } from '../model/pattern.ts';
import { Declarers } from './declarers.ts';
import type { RawArgs, ReverseDepMatch } from './definition-index.ts';
import type { Instance } from './graph.ts';
import type { Growing } from './growing.ts';
import { textOf } from './make-node.ts';
import { MapNews } from './map-news.ts';
import { resolveName } from './resolve-name.ts';
import { addDep, type Pull, type Sprout } from './sprout.ts';

/**
 * Adds what goes before `target` by a reverse dep of its own: a plain task; the instance of a proto
 * that the name of the target gives; where it does not give one, the instances that exist.
 *
 * @param grownDeclarers Declarers among the nodes that this request adds.
 */
export function pullDeclarers(growing: Growing, target: Sprout, grownDeclarers: Declarers): void {
  for (const match of growing.catalog.index.reverseDepsOf(target.name)) {
    const { definition, reverse, values } = match;
    if (reverse.kind === 'when-scheduled' || isOf(definition, target)) continue;
    const derived = derivedArgs(definition, values);
    if (derived !== undefined) pullDerived(growing, target, match, derived);
    else pullInstances(growing, target, match);
    for (const declarers of [grownDeclarers, growing.index.declarers]) {
      for (const name of declarers.agreeing(definition, reverse, values)) addDep(target, name);
    }
  }
}

/** No instance goes before another of its own proto, as that would never end. */
function isOf(definition: Definition, target: Sprout): boolean {
  return target.kind === 'task' && target.definition === definition;
}

/** A value for every placeholder of the declarer's name, or undefined. */
function derivedArgs(definition: Definition, values: RawArgs): RawArgs | undefined {
  const derived: Record<string, string> = {};
  for (const name of definition.pattern.placeholders) {
    const value =
      (Object.hasOwn(values, name) ? values[name] : undefined) ?? textOf(name, definition, {});
    if (value === undefined) return undefined;
    derived[name] = value;
  }
  return derived;
}

function pullDerived(
  growing: Growing,
  target: Sprout,
  { definition }: ReverseDepMatch,
  rawArgs: RawArgs,
): void {
  const name = fillPattern(definition.pattern, rawArgs);
  if (!isInstance(growing, definition, rawArgs, name)) return;
  const before = target.kind === 'task' ? target.pulledBy : undefined;
  const isLonger = name.length > target.name.length;
  if (!growing.has(name) && isLonger && leads(before, definition)) {
    growing.problems.push({
      code: 'dependency-cycle',
      text: `Reverse deps would pull in ever more tasks: '${name}' before '${target.name}', and so on.`,
      place: definition.place,
      hint: 'Let .rdeps() name fewer tasks, so that it does not fit what it pulls in itself.',
    });
    return;
  }
  const pulledBy = isLonger ? { definition, before } : undefined;
  growing.include({ definition, rawArgs, name, pulledBy });
  addDep(target, name);
}

function leads(pull: Pull | undefined, definition: Definition): boolean {
  for (let each = pull; each !== undefined; each = each.before) {
    if (each.definition === definition) return true;
  }
  return false;
}

/**
 * Whether `name` is the declarer's to use. The target's values need not be among the choices of the
 * declarer, which then says nothing of this target: `lint::[env]` for dev only does not keep
 * `deploy::prod` from being. A name that a literal task or a more specific proto has taken is a
 * task of that one, with reverse deps of its own.
 */
function isInstance(
  growing: Growing,
  definition: Definition,
  rawArgs: RawArgs,
  name: string,
): boolean {
  const known = growing.sprouts.get(name) ?? growing.graph.get(name);
  if (known !== undefined) return known.kind === 'task' && known.definition === definition;
  const [resolved] = resolveName(name, growing.catalog, growing.memo);
  if (resolved?.kind === 'problem' && resolved.problem.code === 'ambiguous-proto') {
    growing.problems.push({ ...resolved.problem, place: definition.place });
  }
  if (resolved?.kind !== 'task' || resolved.definition !== definition) return false;
  try {
    castArgs(definition, rawArgs, growing.memo);
    return true;
  } catch (error) {
    if (!isUserError(error)) throw error;
    const wrong = error.problems.filter(({ code }) => code === 'invalid-option');
    for (const problem of wrong) growing.problems.push(problem);
    return false;
  }
}

/** Instances that were made by hand, and agree with the target in what they share. */
function pullInstances(growing: Growing, target: Sprout, match: ReverseDepMatch): void {
  const { definition, reverse, values } = match;
  const { instances } = growing.catalog;
  for (const name of agreeingInstances(instances, definition, reverse, values)) {
    const instance = instances.get(name);
    if (instance === undefined) continue;
    growing.include({ ...instance, name });
    addDep(target, name);
  }
}

type Instances = ReadonlyMap<string, Instance>;

interface InstanceIndex {
  readonly declarers: Declarers;
  readonly news: MapNews<string, Instance>;
}

const instanceIndexes = new WeakMap<Instances, InstanceIndex>();

function agreeingInstances(
  instances: Instances,
  definition: Definition,
  reverse: ReverseDep,
  values: RawArgs,
): readonly string[] {
  const index = instanceIndexes.get(instances) ?? {
    declarers: new Declarers(),
    news: new MapNews(instances),
  };
  instanceIndexes.set(instances, index);
  for (const [name, instance] of index.news.read()) {
    if (instance.definition.rdeps.length > 0) {
      index.declarers.add(instance.definition, instance.rawArgs, name);
    }
  }
  return index.declarers.agreeing(definition, reverse, values);
}
