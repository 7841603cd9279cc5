import type { Forecast, ForecastCounts, RunEvent } from '../model/run-event.ts';
import type { Look } from './look.ts';
import { whyText } from './reason-text.ts';
import { safeName } from './terminal-safe.ts';

type Foreseen = Extract<RunEvent, { event: 'task-foreseen' }>;
type Paint = Look['paint'];

/** What a run would do with a task; with `explain` only the first reason, for the others follow. */
export function foreseenText(event: Foreseen, paint: Paint, explain: boolean): string {
  const name = safeName(event.task);
  const { forecast, isGroup, isNative, reasons, after } = event;
  if (forecast === 'up-to-date')
    return `${paint('gray', '=')} ${name}  ${paint('gray', 'up to date')}`;
  const [mark, verb] = foreseenMark(forecast, paint);
  if (isNative) return `${mark} ${name}  would run: a task of gulp's own`;
  const hangsOn = safeName(listText(after));
  if (isGroup)
    return `${paint('gray', '·')} ${name}  ${paint('gray', `only groups others; ${verb}: ${hangsOn}`)}`;
  const why =
    forecast === 'may-run'
      ? `if ${hangsOn} comes to something else`
      : safeName(whyText(reasons, explain));
  return `${mark} ${name}  ${paint('gray', `${verb}: ${why}`)}`;
}

function foreseenMark(forecast: Forecast, paint: Paint): readonly [mark: string, verb: string] {
  if (forecast === 'would-run') return [paint('cyan', '▷'), 'would run'];
  if (forecast === 'would-restore') return [paint('green', '↺'), 'would be restored'];
  return [paint('yellow', '?'), 'may run'];
}

function listText(names: readonly string[]): string {
  const rest = names.length - 3;
  const shown = names.slice(0, 3).join(', ');
  if (shown === '') return 'what it needs';
  return rest > 0 ? `${shown} and ${rest} more` : shown;
}

/** What a dry run comes to. */
export function forecastText({ wouldRun, wouldRestore, mayRun, upToDate }: ForecastCounts): string {
  const restored = wouldRestore > 0 ? `${wouldRestore} would be restored, ` : '';
  return `Dry run: ${wouldRun} would run, ${restored}${mayRun} may run, ${upToDate} up to date; nothing was done`;
}
