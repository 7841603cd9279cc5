const newline = 10;

/**
 * Takes a stream of records apart. A record is JSON and ends in a comma and a line feed, which JSON
 * itself never holds raw, so that all records of one chunk are parsed at once.
 */
export class RecordReader {
  /** The beginning of a record, in as many parts as it came in: joined once, when it is complete. */
  #held: Buffer[] = [];

  /**
   * The records that are complete with `chunk`, which may be used again afterwards.
   *
   * @throws SyntaxError If somebody else has written into the pipe.
   */
  take(chunk: Buffer): unknown[] {
    const end = chunk.lastIndexOf(newline) + 1;
    if (end === 0) {
      this.#held.push(Buffer.from(chunk));
      return [];
    }
    const head = end === chunk.length ? chunk : chunk.subarray(0, end);
    const whole = this.#held.length === 0 ? head : Buffer.concat([...this.#held, head]);
    this.#held = end === chunk.length ? [] : [Buffer.from(chunk.subarray(end))];
    const records = JSON.parse(`[${whole.toString('utf8')}0]`) as unknown[];
    records.pop();
    return records;
  }
}
