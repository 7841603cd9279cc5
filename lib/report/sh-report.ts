const mostLines = 1000;

type Section = 'RAN' | 'STDOUT' | 'STDERR' | 'STDERR_FULL';

/**
 * Finds the report that Python's `sh` and tools like it write when a command fails: `RAN:`, `STDOUT:`
 * and `STDERR:`, each with what follows. A later one takes the place of an earlier one.
 */
export class ShReport {
  #sections: Map<Section, string[]> | undefined;
  #current: string[] = [];
  #count = 0;

  /** @param isShown Whether the line is a part of the report as it is shown. */
  take(line: string, isShown: boolean): void {
    const section = /^\s*(RAN|STDOUT|STDERR|STDERR_FULL):/.exec(line)?.[1] as Section | undefined;
    if (section === 'RAN') {
      this.#sections = new Map();
      this.#count = 0;
    }
    if (this.#sections === undefined || ++this.#count > mostLines) return;
    if (section !== undefined && !this.#sections.has(section)) {
      this.#current = [];
      this.#sections.set(section, this.#current);
    }
    if (isShown) this.#current.push(line);
  }

  /** The report, with `STDERR_FULL` in the place of `STDERR`; undefined if there is none whole. */
  lines(): readonly string[] | undefined {
    const [ran, stdout, stderr] = (['RAN', 'STDOUT', 'STDERR'] as const).map((section) =>
      this.#sections?.get(section),
    );
    if (ran === undefined || stdout === undefined || stderr === undefined) return undefined;
    const full = this.#sections?.get('STDERR_FULL');
    if (full === undefined) return [...ran, ...stdout, ...stderr];
    return [...ran, ...stdout, ...full.map((line) => line.replace('STDERR_FULL:', 'STDERR:'))];
  }
}
