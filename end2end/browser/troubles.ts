import { expect, type BrowserContext } from '@playwright/test';

/**
 * Everything that no visitor may ever cause: an error in the console (a breach of the content security policy is one),
 * an error of a page, an answer of 5xx.
 */
export class Troubles {
  private readonly found: string[] = [];
  private readonly allowed: RegExp[] = [];

  /** This one belongs to the story: the test breaks something on purpose. */
  allow(...expected: RegExp[]): void {
    this.allowed.push(...expected);
  }

  watch(context: BrowserContext): void {
    context.on('console', (message) => {
      if (message.type() === 'error') this.note(`console: ${message.text()} (${message.location().url})`);
    });
    context.on('weberror', (error) => this.note(`error of a page: ${error.error().stack ?? error.error().message}`));
    context.on('response', (answer) => {
      if (answer.status() >= 500) this.note(`answer: ${answer.status()} ${answer.request().method()} ${answer.url()}`);
    });
  }

  expectNone(): void {
    const unexpected = this.found.filter((trouble) => !this.allowed.some((allowed) => allowed.test(trouble)));
    expect(unexpected, 'what went wrong beneath the page').toEqual([]);
  }

  private note(trouble: string): void {
    this.found.push(trouble);
  }
}
