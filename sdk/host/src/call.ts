/**
 * The caller of a method, who may go before it has an answer. An AbortSignal costs a tenth of a whole call with a short text: it
 * is made for those who ask for it. Nobody goes once the answer has been given.
 */
export class Call {
  private left = false;
  private over = false;
  private controller: AbortController | undefined;
  private listener: (() => void) | undefined;

  /** Whether the caller has gone. */
  get gone(): boolean {
    return this.left;
  }

  /** Tells when the caller goes. */
  get signal(): AbortSignal {
    if (!this.controller) {
      this.controller = new AbortController();
      if (this.left) this.controller.abort();
    }
    return this.controller.signal;
  }

  /** Has listener called when the caller goes; one is enough. */
  onGone(listener: () => void): void {
    this.listener = listener;
    if (this.left) listener();
  }

  /** The caller has gone. */
  leave(): void {
    if (this.left || this.over) return;
    this.left = true;
    this.listener?.();
    this.controller?.abort();
  }

  /** The answer is on its way. */
  end(): void {
    this.over = true;
  }
}
