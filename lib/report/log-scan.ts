import { isIgnored, type LogIgnore } from '../model/log-rule.ts';
import { ShReport } from './sh-report.ts';
import { safeText } from './terminal-safe.ts';

/** Lines of a log that belong together. */
export interface Excerpt {
  /** Of the first of them, from 1 on; undefined if they do not stand in the log like this. */
  readonly firstLine: number | undefined;
  readonly lastLine: number | undefined;
  readonly lines: readonly string[];
}

/** What a scan has found; all of it without the lines that are to be ignored. */
export interface Findings {
  /** Around each keyword, in order; without one the last lines, if the task has failed. */
  readonly excerpts: readonly Excerpt[];
  /** All lines, as long as there are few. */
  readonly whole: readonly string[] | undefined;
  readonly lineCount: number;
  /** How many lines with a keyword are in no excerpt, because there were too many. */
  readonly unshownHits: number;
}

const keyword = /\b(?:exception|error|warning|notice|deprecated|deprecation)\b/i;
const contextLines = 2;
const lastLines = 16;
/** Of so many lines at most all are kept. */
const wholeLines = 40;
const mostExcerptLines = 200;
/** A longer line is cut for what is shown; the log file has all of it. */
const longestLine = 4096;

/**
 * Looks for what matters in the output of a task while it comes in. What it keeps is bounded,
 * however much there is (parproc: its log snippets).
 */
export class LogScan {
  readonly #rules: readonly LogIgnore[];
  readonly #hasFailed: boolean;
  readonly #excerpts: { firstLine: number; lastLine: number; lines: string[] }[] = [];
  readonly #report = new ShReport();
  /** The last lines, as many as may be asked for later. */
  readonly #recent: { readonly number: number; readonly line: string }[] = [];
  #whole: string[] | undefined = [];
  #rest = '';
  #isCut = false;
  #lineNumber = 0;
  #lineCount = 0;
  #excerptLines = 0;
  #unshownHits = 0;
  /** How many of the lines that follow belong to the newest excerpt. */
  #openLines = 0;
  /** Which of the shown lines was the last that came into an excerpt. */
  #excerptEnd = 0;

  /** @param hasFailed Which rules count. */
  constructor(rules: readonly LogIgnore[], hasFailed: boolean) {
    this.#rules = rules;
    this.#hasFailed = hasFailed;
  }

  /** Takes output in pieces as they come. */
  take(text: string): void {
    const lines = text.split('\n');
    const last = lines.pop() ?? '';
    for (const line of lines) {
      this.#takeLine((this.#rest + line).replace(/\r$/, ''));
      this.#rest = '';
      this.#isCut = false;
    }
    // A line without an end must not fill the memory.
    if (this.#rest.length < longestLine) this.#rest += last;
    else this.#isCut = true;
  }

  /**
   * What there is up to now; to be called once, at the end.
   *
   * @param hasFailed Whether the last lines are an excerpt if there is no other.
   */
  findings(hasFailed: boolean): Findings {
    if (this.#rest !== '') this.#takeLine(this.#rest.replace(/\r$/, ''));
    this.#rest = '';
    return {
      excerpts: hasFailed ? this.#failureExcerpts() : this.#excerpts,
      whole: this.#whole,
      lineCount: this.#lineCount,
      unshownHits: this.#unshownHits,
    };
  }

  #failureExcerpts(): readonly Excerpt[] {
    const report = this.#report.lines();
    if (report !== undefined) {
      const lines = report.map((line) => `  ${line}`);
      return [{ firstLine: undefined, lastLine: undefined, lines }];
    }
    const recent = this.#recent.slice(-lastLines);
    if (this.#excerpts.length > 0 || recent.length === 0) return this.#excerpts;
    const lines = recent.map(({ line }) => line);
    return [{ firstLine: recent[0]?.number, lastLine: recent.at(-1)?.number, lines }];
  }

  #takeLine(whole: string): void {
    this.#lineNumber++;
    const isCut = this.#isCut || whole.length > longestLine;
    const line = isCut ? `${whole.slice(0, longestLine)} …` : whole;
    const plain = line.includes('\u001b') ? safeText(line, false) : line;
    const isShown = !isIgnored(plain, this.#rules, this.#hasFailed);
    this.#report.take(plain, isShown);
    if (!isShown) return;
    this.#lineCount++;
    this.#whole?.push(line);
    if (this.#lineCount > wholeLines) this.#whole = undefined;
    if (keyword.test(plain)) this.#hit(line);
    else if (this.#openLines-- > 0) this.#add(this.#lineNumber, line);
    this.#recent.push({ number: this.#lineNumber, line });
    if (this.#recent.length > lastLines) this.#recent.shift();
  }

  #hit(line: string): void {
    if (this.#excerptLines >= mostExcerptLines) {
      this.#unshownHits++;
      return;
    }
    const between = this.#lineCount - 1 - this.#excerptEnd;
    const missing = Math.min(between, contextLines);
    const before = missing === 0 ? [] : this.#recent.slice(-missing);
    const isNew = this.#excerpts.length === 0 || between > contextLines;
    const firstLine = before[0]?.number ?? this.#lineNumber;
    if (isNew) this.#excerpts.push({ firstLine, lastLine: firstLine, lines: [] });
    for (const each of before) this.#add(each.number, each.line);
    this.#add(this.#lineNumber, line);
    this.#openLines = contextLines;
  }

  #add(number: number, line: string): void {
    const newest = this.#excerpts.at(-1);
    if (newest === undefined) return;
    newest.lines.push(line);
    newest.lastLine = number;
    this.#excerptEnd = this.#lineCount;
    this.#excerptLines++;
  }
}
