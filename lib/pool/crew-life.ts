const checkMs = 1000;
/** How long the program is kept alive after the last job. */
const letGoMs = 5;

/** Keeps the program alive as long as a crew has something to do, and tells who waits for a change of it. */
export class CrewLife {
  readonly #check: () => void;
  #unsettled = 0;
  /** How many wait for workers to come or go. */
  #holdCount = 0;
  #isLetGoDue = false;
  #timer: NodeJS.Timeout | undefined;
  #waiting: (() => void)[] = [];

  /** @param check Called every second meanwhile. */
  constructor(check: () => void) {
    this.#check = check;
  }

  /** Whether a job has not settled yet. */
  get hasJobs(): boolean {
    return this.#unsettled > 0;
  }

  jobCame(): void {
    this.#unsettled += 1;
    if (this.#unsettled === 1) this.#hold();
  }

  jobSettled(): void {
    this.#unsettled -= 1;
    if (this.#unsettled > 0) return;
    this.changed();
    this.#letGoSoon();
  }

  /** Something of the crew is not as it was. */
  changed(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }

  /** Resolves when `isSo`, which is asked anew with each change. */
  async until(isSo: () => boolean): Promise<void> {
    this.#holdCount += 1;
    this.#hold();
    while (!isSo()) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#holdCount -= 1;
  }

  /** Nothing here keeps the program alive any more, unless somebody waits for something. */
  letGo(): void {
    if (this.#unsettled > 0 || this.#holdCount > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /**
   * Not at once: what the last job has printed has a moment to come in, and a program that submits one
   * job after the other does not pay for each.
   */
  #letGoSoon(): void {
    if (this.#isLetGoDue) return;
    this.#isLetGoDue = true;
    setTimeout(() => {
      this.#isLetGoDue = false;
      this.letGo();
    }, letGoMs);
  }

  #hold(): void {
    // Not at once: after a long turn of this process's own, what workers have said is read first.
    this.#timer ??= setInterval(() => setImmediate(this.#check), checkMs);
  }
}
