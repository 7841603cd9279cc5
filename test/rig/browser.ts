import { spawnSync } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';

const program = spawnSync('sh', ['-c', 'command -v chromium || command -v chromium-browser'])
  .stdout.toString()
  .trim();

/** Why tests with a browser cannot run here; false if they can. */
export const noBrowser: string | false = program === '' ? 'chromium is not installed' : false;

/** A real Chromium that shows one file, and what it has to complain about. */
export class Viewer {
  readonly #browser: Browser;
  readonly page: Page;
  /** Messages of the console, errors and dialogs. */
  readonly complaints: string[] = [];
  /** Of the file itself there is one. */
  readonly requests: string[] = [];

  static async open(file: string): Promise<Viewer> {
    const isRoot = process.getuid?.() === 0;
    const args = isRoot ? ['--no-sandbox'] : [];
    const browser = await chromium.launch({ executablePath: program, args });
    const page = await browser.newPage({ viewport: { width: 1200, height: 800 } });
    const viewer = new Viewer(browser, page);
    await viewer.load(file);
    return viewer;
  }

  private constructor(browser: Browser, page: Page) {
    this.#browser = browser;
    this.page = page;
    page.on('console', (message) => this.complaints.push(message.text()));
    page.on('pageerror', (error) => this.complaints.push(String(error)));
    page.on('request', (request) => this.requests.push(request.url()));
    page.on('dialog', (dialog) => {
      this.complaints.push(dialog.message());
      void dialog.dismiss();
    });
  }

  async load(file: string): Promise<void> {
    await this.page.goto(pathToFileURL(file).href);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close();
  }
}
