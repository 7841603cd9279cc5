import { clipped, widthOf } from './clip.ts';
import type { RunningTask } from './live-board.ts';
import type { Look } from './look.ts';
import { safeName } from './terminal-safe.ts';

/** What there is to be drawn. */
export interface LiveScene {
  readonly running: readonly (RunningTask & { readonly logPath: string | undefined })[];
  /** What waits and for what, in words. */
  readonly waiting: readonly string[];
  readonly counts: { readonly total: number; readonly done: number; readonly failed: number };
  readonly leftMs: number | undefined;
  readonly now: number;
  /** Counts frames: turns the spinner. */
  readonly tick: number;
}

/** How much room there is, in characters. */
export interface Room {
  readonly columns: number;
  readonly rows: number;
}

const spinner = [...'⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏'];
const barLength = 12;
const mostWaiting = 3;
const timeColumns = 12;

/** The lines of the live view: never wider than the room, and never more than fit. */
export function frameOf(scene: LiveScene, room: Room, look: Look): string[] {
  // The last column is left free: some terminals wrap when it is written.
  const columns = Math.max(room.columns - 1, 1);
  const most = Math.max(room.rows - 2, 1);
  const waiting = scene.waiting.slice(0, Math.min(mostWaiting, Math.max(most - 2, 0)));
  const lines = runningLines(scene, { columns, rows: most - 1 - waiting.length }, look);
  for (const text of waiting) lines.push(look.paint('gray', clipped(`· ${text}`, columns)));
  lines.push(totalLine(scene, columns, look));
  return lines;
}

function runningLines(scene: LiveScene, { columns, rows }: Room, look: Look): string[] {
  const { running } = scene;
  const isAll = running.length <= rows;
  const shown = isAll ? running : running.slice(0, Math.max(rows - 1, 0));
  const facts = factsFor(
    columns,
    shown.some(({ estimateMs }) => estimateMs !== undefined),
  );
  const longest = Math.max(0, ...shown.map(({ name }) => widthOf(safeName(name))));
  const nameColumns = Math.max(1, Math.min(longest, columns - 2 - facts.columns));
  const mark = look.paint('cyan', spinner[scene.tick % spinner.length] ?? '');
  const lines = shown.map((task) => {
    const name = clipped(safeName(task.name), nameColumns);
    const room = ' '.repeat(Math.max(0, nameColumns - widthOf(name)));
    const linked = task.logPath === undefined ? name : look.link(name, task.logPath);
    return `${mark} ${linked}${room}${facts.textOf(task, scene.now, look)}`;
  });
  if (!isAll && rows > 0) {
    lines.push(look.paint('gray', clipped(`… and ${running.length - shown.length} more`, columns)));
  }
  return lines;
}

interface Facts {
  readonly columns: number;
  readonly textOf: (task: RunningTask, now: number, look: Look) => string;
}

/** What is told beside the name: bar, percentage and time, or less where there is less room. */
function factsFor(columns: number, hasEstimates: boolean): Facts {
  const hasBar = hasEstimates && columns >= 60;
  const hasPercent = hasEstimates && columns >= 40;
  const hasTime = columns >= 26;
  const width = (hasBar ? barLength + 2 : 0) + (hasPercent ? 6 : 0) + (hasTime ? timeColumns : 0);
  return {
    columns: width,
    textOf({ since, estimateMs }, now, look) {
      const percent = percentOf(now - since, estimateMs);
      const parts: string[] = [];
      if (hasBar) parts.push(`  ${barText(percent, look)}`);
      if (hasPercent) parts.push(` ${percent === undefined ? '' : `${percent} %`}`.padStart(6));
      if (hasTime) parts.push(elapsedText(now - since).padStart(timeColumns));
      return parts.join('');
    },
  };
}

/** Never 100 before the end. */
function percentOf(elapsedMs: number, estimateMs: number | undefined): number | undefined {
  if (estimateMs === undefined) return undefined;
  return Math.min(99, Math.floor((100 * elapsedMs) / Math.max(estimateMs, 1)));
}

function barText(percent: number | undefined, { paint }: Look): string {
  if (percent === undefined) return ' '.repeat(barLength);
  const full = Math.round((percent / 100) * barLength);
  return paint('cyan', '█'.repeat(full)) + paint('gray', '░'.repeat(barLength - full));
}

/** To a tenth of a second, so that it does not flicker: `0.8 s`, `1 min 05 s`, `2 h 07 min`. */
function elapsedText(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  if (seconds < 60) return `${(ms / 1000).toFixed(1)} s`;
  const [count, large, small] =
    seconds < 3600 ? [seconds, 'min', 's'] : [Math.floor(seconds / 60), 'h', 'min'];
  return `${Math.floor(count / 60)} ${large} ${String(count % 60).padStart(2, '0')} ${small}`;
}

function totalLine({ counts, running, leftMs }: LiveScene, columns: number, look: Look): string {
  const { total, done, failed } = counts;
  const left = leftMs === undefined ? undefined : roughText(leftMs);
  const isWide = columns >= 40;
  const parts = isWide
    ? [`${done} of ${total} done`, `${running.length} running`]
    : [`${done}/${total}`];
  if (failed > 0) parts.push(`${failed} failed`);
  if (left !== undefined) parts.push(isWide ? `about ${left} left` : `~${left}`);
  return look.paint(failed > 0 ? 'red' : 'bold', clipped(parts.join(isWide ? ', ' : ' '), columns));
}

/** As exact as it can be meant. */
function roughText(ms: number): string {
  const seconds = Math.max(1, Math.round(ms / 1000));
  if (seconds < 90) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
}
