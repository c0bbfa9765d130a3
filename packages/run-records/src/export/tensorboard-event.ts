/**
 * TensorBoard's `Event` messages (tensorboard/compat/proto/event.proto, summary.proto, tensor.proto; numbers below are theirs).
 * Times are seconds since 1970.
 */
import { bytesField, doubleField, floatField, integerField } from "./protobuf.js";

const WALL_TIME = 1;
const STEP = 2;
const FILE_VERSION = 3;
const SUMMARY = 5;

/** Begins every file. */
export function versionEvent(time: number): Buffer {
  return Buffer.concat([doubleField(WALL_TIME, time), bytesField(FILE_VERSION, "brain.Event:2")]);
}

export function scalarsEvent(
  time: number,
  step: number,
  scalars: readonly (readonly [tag: string, value: number])[],
): Buffer {
  return summaryEvent(
    time,
    step,
    scalars.map(([tag, value]) => [bytesField(1, tag), floatField(2, value)]),
  );
}

/** @param text Markdown, of the text plugin. */
export function textEvent(time: number, step: number, tag: string, text: string): Buffer {
  const string = 7; // DataType.DT_STRING
  const shape = bytesField(2, [bytesField(2, [integerField(1, 1)])]); // one dimension of size 1
  const tensor = [integerField(1, string), shape, bytesField(8, text)];
  const plugin = bytesField(1, [bytesField(1, "text")]);
  return summaryEvent(time, step, [
    [bytesField(1, tag), bytesField(8, tensor), bytesField(9, [plugin])],
  ]);
}

function summaryEvent(time: number, step: number, values: readonly Buffer[][]): Buffer {
  return Buffer.concat([
    doubleField(WALL_TIME, time),
    integerField(STEP, step),
    bytesField(
      SUMMARY,
      values.map((fields) => bytesField(1, fields)),
    ),
  ]);
}
