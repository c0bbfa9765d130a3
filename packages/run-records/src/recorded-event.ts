/** What a line of events.jsonl says: an event of the trainer, of this version or another, or nothing that can be read. */
import type { TrainEvent } from "@ane/trainer";

/** A whole line that is not a JSON object with a type. */
export interface UnreadableEvent {
  readonly type: "unreadable";
  /** Where the line begins in the file, in bytes. */
  readonly offset: number;
  readonly reason: string;
}

/** @property time Milliseconds since 1970 at which it was written; older records do not have it. */
export type RecordedEvent = (TrainEvent | UnreadableEvent) & { readonly time?: number };

/**
 * One line without its end. Types that this version does not know are let through: whoever reads them passes over them.
 * @param offset Where the line begins in the file.
 */
export function parseEvent(line: string, offset: number): RecordedEvent {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    return { type: "unreadable", offset, reason: (error as Error).message };
  }
  if (typeof value === "object" && value !== null && "type" in value) return value as RecordedEvent;
  return { type: "unreadable", offset, reason: "it has no type" };
}
