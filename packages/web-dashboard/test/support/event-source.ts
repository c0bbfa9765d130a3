/** Reads a stream of server-sent events as a page would. */
import { onTestFinished } from "vitest";

export interface Message {
  readonly event: string;
  readonly id: string | undefined;
  // biome-ignore lint/suspicious/noExplicitAny: what a test looks at is of many shapes
  readonly data: any;
}

export class EventSourceReader {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  #text = "";

  private constructor(reader: ReadableStreamDefaultReader<Uint8Array>) {
    this.#reader = reader;
    onTestFinished(() => this.close());
  }

  static async open(address: string, lastId?: string): Promise<EventSourceReader> {
    const headers = lastId === undefined ? {} : { "Last-Event-ID": lastId };
    const answer = await fetch(address, { headers });
    if (!answer.ok || !answer.body) throw new Error(`${address}: ${answer.status}`);
    return new EventSourceReader(answer.body.getReader());
  }

  /** The next message of a kind for which the condition holds; others are passed over. */
  async next(event: string, holds: (message: Message) => boolean = () => true): Promise<Message> {
    for (;;) {
      const message = await this.#read();
      if (message.event === event && holds(message)) return message;
    }
  }

  async close(): Promise<void> {
    await this.#reader.cancel().catch(() => undefined);
  }

  async #read(): Promise<Message> {
    for (;;) {
      const end = this.#text.indexOf("\n\n");
      if (end >= 0) {
        const block = this.#text.slice(0, end);
        this.#text = this.#text.slice(end + 2);
        const field = (name: string) =>
          block
            .split("\n")
            .find((line) => line.startsWith(`${name}: `))
            ?.slice(name.length + 2);
        const [event, data] = [field("event"), field("data")];
        if (event && data) return { event, id: field("id"), data: JSON.parse(data) };
        continue;
      }
      const { value, done } = await this.#reader.read();
      if (done) throw new Error("the stream ended");
      this.#text += new TextDecoder().decode(value);
    }
  }
}
