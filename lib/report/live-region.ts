import { createLogUpdate } from 'log-update';
import stringWidth from 'string-width';
import type { Room } from './live-frame.ts';

/** A terminal, as far as something is drawn on it. */
export interface Terminal {
  /** Its size now. */
  room(): Room;
  /** Writes all of `text` before it returns. */
  write(text: string): void;
}

/** The lines at the bottom of a terminal that are drawn again and again, below what stays. */
export class LiveRegion {
  readonly #terminal: Terminal;
  readonly #draw: ReturnType<typeof createLogUpdate>;
  #lines: readonly string[] = [];
  #room: Room;
  #held = '';

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
    this.#room = terminal.room();
    const room = (): Room => this.#room;
    const stream = {
      isTTY: false,
      get columns() {
        return room().columns;
      },
      get rows() {
        return room().rows;
      },
      write: (text: string) => {
        this.#held += text;
      },
    };
    // The cursor stays visible, so that there is nothing to be restored however the process ends.
    this.#draw = createLogUpdate(stream as unknown as NodeJS.WritableStream, { showCursor: true });
  }

  /**
   * Puts `above` over the region for good, and in it what `linesFor` gives for the size of the
   * terminal. In one piece, so that nothing flickers.
   */
  draw(above: string, linesFor: (room: Room) => readonly string[]): void {
    this.#eraseIfReflowed();
    const lines = linesFor(this.#room);
    if (above !== '') {
      if (this.#lines.length > 0) this.#draw.clear();
      this.#held += above.endsWith('\n') ? above : `${above}\n`;
    }
    if (lines.length > 0) this.#draw(lines.join('\n'));
    else if (this.#lines.length > 0 && above === '') this.#draw.clear();
    this.#lines = lines;
    this.#flush();
  }

  /** Leaves what is drawn where it is, since others have written below it: it is drawn anew there. */
  leave(): void {
    this.#draw.done();
    this.#lines = [];
  }

  /** A narrower terminal has wrapped the lines: there are more of them than were drawn. */
  #eraseIfReflowed(): void {
    const before = this.#room;
    this.#room = this.#terminal.room();
    const { columns } = this.#room;
    if (columns === before.columns || this.#lines.length === 0) return;
    const rows = this.#lines.reduce(
      (sum, line) => sum + Math.max(1, Math.ceil(stringWidth(line) / columns)),
      0,
    );
    this.#held += `\r${'\u001b[1A\u001b[2K'.repeat(rows)}\u001b[0J`;
    this.leave();
  }

  #flush(): void {
    const text = this.#held;
    this.#held = '';
    if (text !== '') this.#terminal.write(`\u001b[?2026h${text}\u001b[?2026l`);
  }
}
