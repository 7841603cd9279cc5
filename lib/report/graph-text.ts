import { unreachable } from '../base/unreachable.ts';
import type { GraphFormat } from '../model/graph-format.ts';
import type { Story, TaskStory } from './story.ts';
import { safeName } from './terminal-safe.ts';

type StateName = NonNullable<TaskStory['state']>['kind'] | 'wanted';

const fills: Readonly<Record<StateName, string>> = {
  wanted: '#e8e8e8',
  succeeded: '#b7e1b0',
  'up-to-date': '#dcefd9',
  skipped: '#dcefd9',
  failed: '#f2a6a0',
  'dependency-failed': '#f8dcb0',
  cancelled: '#f8dcb0',
};

/** Which task needs which, and how each has ended; arrows lead from deps to what needs them. */
export function graphText(story: Story, format: GraphFormat): string {
  const tasks = [...story.tasks.values()];
  switch (format) {
    case 'mmd':
      return mermaid(tasks);
    case 'dot':
      return dot(tasks);
    case 'json':
      return json(tasks);
    default:
      return unreachable(format);
  }
}

function mermaid(tasks: readonly TaskStory[]): string {
  const ids = idsOf(tasks);
  const kinds = new Set(tasks.map(stateOf));
  const lines = ['flowchart LR'];
  for (const task of tasks) {
    const [open, close] = task.isGroup ? ['([', '])'] : ['[', ']'];
    const label = `"${mermaidSafe(task.name)}"`;
    lines.push(`  ${ids.get(keyOf(task))}${open}${label}${close}:::${stateOf(task)}`);
  }
  for (const [dep, task] of edgesOf(tasks, ids)) lines.push(`  ${dep} --> ${task}`);
  for (const kind of kinds) {
    lines.push(`  classDef ${kind} fill:${fills[kind]},stroke:#555,color:#111`);
  }
  return `${lines.join('\n')}\n`;
}

/** Entities for everything that could mean something in a label. */
function mermaidSafe(name: string): string {
  return [...safeName(name)]
    .map((char) => (/[\p{L}\p{N} :._@+/-]/u.test(char) ? char : `#${char.codePointAt(0)};`))
    .join('');
}

function dot(tasks: readonly TaskStory[]): string {
  const ids = idsOf(tasks);
  const lines = [
    'digraph tasks {',
    '  rankdir=LR;',
    '  node [style=filled, fontname="sans-serif"];',
  ];
  for (const task of tasks) {
    const shape = task.isGroup ? 'ellipse' : 'box';
    const label = safeName(task.name).replaceAll(/["\\]/g, '\\$&');
    const look = `shape=${shape}, fillcolor="${fills[stateOf(task)]}"`;
    lines.push(`  ${ids.get(keyOf(task))} [label="${label}", ${look}];`);
  }
  for (const [dep, task] of edgesOf(tasks, ids)) lines.push(`  ${dep} -> ${task};`);
  return `${[...lines, '}'].join('\n')}\n`;
}

function json(tasks: readonly TaskStory[]): string {
  const entries = tasks.map((task) => {
    const { run, name, isGroup, deps, args, estimateMs, startedAt, endedAt } = task;
    const tookMs =
      startedAt === undefined || endedAt === undefined ? undefined : round(endedAt - startedAt);
    const state = stateOf(task);
    const { reasons } = task;
    return { run, task: name, isGroup, deps, args, state, reasons, tookMs, estimateMs };
  });
  return `${safeName(JSON.stringify({ v: 1, tasks: entries }))}\n`;
}

function idsOf(tasks: readonly TaskStory[]): ReadonlyMap<string, string> {
  return new Map(tasks.map((task, index) => [keyOf(task), `t${index}`]));
}

function edgesOf(
  tasks: readonly TaskStory[],
  ids: ReadonlyMap<string, string>,
): [dep: string, task: string][] {
  return tasks.flatMap((task) =>
    task.deps.flatMap((name): [string, string][] => {
      const dep = ids.get(keyOf({ run: task.run, name }));
      return dep === undefined ? [] : [[dep, ids.get(keyOf(task)) ?? '']];
    }),
  );
}

function keyOf({ run, name }: { readonly run: number; readonly name: string }): string {
  return `${run} ${name}`;
}

function stateOf({ state }: TaskStory): StateName {
  return state?.kind ?? 'wanted';
}

function round(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
