/** Messages by their kind, for a test that awaits one: those it does not await stay for later. */
export class Inbox<Message extends { readonly case?: string | undefined }> {
  readonly #waiting: Message[] = [];
  readonly #readers: {
    readonly kind: Message["case"];
    resolve(message: Message): void;
    reject(e: Error): void;
  }[] = [];
  #end: Error | undefined;

  add(message: Message): void {
    const index = this.#readers.findIndex(({ kind }) => kind === message.case);
    if (index < 0) this.#waiting.push(message);
    else this.#readers.splice(index, 1)[0]?.resolve(message);
  }

  /** No more messages: whoever waits is told why. */
  end(error: Error): void {
    this.#end = error;
    for (const reader of this.#readers.splice(0)) reader.reject(error);
  }

  /** The oldest message of this kind that was not taken yet, or the next to come. */
  async next<K extends Message["case"]>(kind: K): Promise<Extract<Message, { readonly case: K }>> {
    return (await this.#next(kind)) as Extract<Message, { readonly case: K }>;
  }

  /** What nobody has taken. */
  get left(): readonly Message[] {
    return this.#waiting;
  }
  #next(kind: Message["case"]): Promise<Message> {
    const index = this.#waiting.findIndex((message) => message.case === kind);
    const found = index < 0 ? undefined : this.#waiting.splice(index, 1)[0];
    if (found) return Promise.resolve(found);
    if (this.#end) return Promise.reject(this.#end);
    return new Promise((resolve, reject) => this.#readers.push({ kind, resolve, reject }));
  }
}
