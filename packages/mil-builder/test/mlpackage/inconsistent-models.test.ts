/** Models that are at odds with themselves: every message names the field. */
import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { FormatError } from "../../src/index.js";
import { decodeModel, encodeModel } from "../../src/mlpackage/index.js";
import { TensorValueSchema } from "../../src/mlpackage/proto/mil_value_pb.js";
import { FunctionDescriptionSchema, ModelSchema } from "../../src/mlpackage/proto/model_pb.js";
import { small } from "./programs.js";

type Model = ReturnType<typeof decoded>;

function decoded() {
  return fromBinary(ModelSchema, encodeModel(small()));
}

function programOf({ Type }: Model) {
  if (Type.case !== "mlProgram") throw new Error("no program");
  return Type.value;
}

function mainOf(model: Model) {
  return programOf(model).functions.main!;
}

function blockOf(model: Model) {
  return mainOf(model).blockSpecializations.CoreML6!;
}

/** Changes the value of the first op's name. */
function setName(model: Model, tensor: MessageInitShape<typeof TensorValueSchema>): void {
  const { value } = blockOf(model).operations[0]!.attributes.name!;
  if (value.case !== "immediateValue") throw new Error("no name");
  value.value.value = { case: "tensor", value: create(TensorValueSchema, tensor) };
}

/** The array that the input is described as. */
function arrayOf(model: Model) {
  const { Type } = model.description!.input[0]!.type!;
  if (Type.case !== "multiArrayType") throw new Error("no array");
  return Type.value;
}

function functionOf(model: Model, name: string) {
  const { input, output } = model.description!;
  return Object.assign(create(FunctionDescriptionSchema, { name }), { input, output });
}

const MAIN = 'mlProgram.functions["main"]';
const BLOCK = `${MAIN}.block_specializations["CoreML6"]`;

describe("decodeModel refuses", () => {
  it.each<[string, (model: Model) => unknown, string, RegExp]>([
    [
      "a version before ML programs",
      (m) => Object.assign(m, { specificationVersion: 5 }),
      "specificationVersion",
      /6 to 10, got 5/,
    ],
    [
      "a later version",
      (m) => Object.assign(m, { specificationVersion: 11 }),
      "specificationVersion",
      /got 11/,
    ],
    [
      "a version that lacks the opset",
      (m) => Object.assign(m, { specificationVersion: 6 }),
      "specificationVersion",
      /opset ios16 needs version 7 or later, got 6/,
    ],
    [
      "no description",
      (m) => Object.assign(m, { description: undefined }),
      "description",
      /got nothing/,
    ],
    [
      "a model of another kind",
      (m) => Object.assign(m, { Type: { case: undefined } }),
      "mlProgram",
      /another kind/,
    ],
    [
      "another program version",
      (m) => Object.assign(programOf(m), { version: 2n }),
      "mlProgram.version",
      /got 2/,
    ],
    [
      "an unknown opset",
      (m) => Object.assign(mainOf(m), { opset: "CoreML4" }),
      `${MAIN}.opset`,
      /got "CoreML4"/,
    ],
    [
      "an opset without its block",
      (m) => Object.assign(mainOf(m), { opset: "CoreML5" }),
      `${MAIN}.block_specializations`,
      /one block, that of CoreML5, got \[CoreML6\]/,
    ],
    [
      "a value that is not defined",
      (m) => Object.assign(blockOf(m), { outputs: ["z"] }),
      `${BLOCK}.outputs[0]`,
      /defined before they are used, got "z"/,
    ],
    [
      "a value that is defined later",
      (m) => blockOf(m).operations.reverse(),
      `${BLOCK}.operations[0].inputs["weight"].arguments[0].name`,
      /got "w"/,
    ],
    [
      "a name twice",
      (m) => Object.assign(blockOf(m).operations[1]!.outputs[0]!, { name: "x" }),
      `${BLOCK}.operations[1].outputs[0].name`,
      /got "x" again/,
    ],
    [
      "an unknown data type",
      (m) => {
        const { type } = mainOf(m).inputs[0]!.type!;
        if (type.case === "tensorType") type.value.dataType = 99 as typeof type.value.dataType;
      },
      `${MAIN}.inputs[0].type.dataType`,
      /got 99/,
    ],
    [
      "a rank that the dimensions lack",
      (m) => {
        const { type } = mainOf(m).inputs[0]!.type!;
        if (type.case === "tensorType") type.value.rank = -1n;
      },
      `${MAIN}.inputs[0].type.rank`,
      /got rank -1, 4 dimensions/,
    ],
    [
      "no type",
      (m) => Object.assign(mainOf(m).inputs[0]!, { type: undefined }),
      `${MAIN}.inputs[0].type`,
      /has a type/,
    ],
    [
      "elements in another field",
      (m) => setName(m, { value: { case: "ints", value: { values: [1] } } }),
      `${BLOCK}.operations[0].attributes["name"].immediateValue.tensor`,
      /elements of string are in "strings", got "ints"/,
    ],
    [
      "another number of elements",
      (m) => setName(m, { value: { case: "strings", value: { values: [] } } }),
      `${BLOCK}.operations[0].attributes["name"].immediateValue.tensor.strings`,
      /has 1 elements, got 0/,
    ],
    [
      "no value",
      (m) =>
        Object.assign(blockOf(m).operations[0]!.attributes.name!, { value: { case: undefined } }),
      `${BLOCK}.operations[0].attributes["name"].immediateValue`,
      /written out, got none/,
    ],
    [
      "an argument of nothing",
      (m) =>
        Object.assign(blockOf(m).operations[1]!.inputs.x!.arguments[0]!, {
          binding: { case: undefined },
        }),
      `${BLOCK}.operations[1].inputs["x"].arguments[0]`,
      /got neither/,
    ],
    [
      "a port that the program lacks",
      (m) => Object.assign(m.description!.input[0]!, { name: "z" }),
      "description.input",
      /the program's \[x\], got \[z\]/,
    ],
    ["a port less", (m) => m.description!.output.pop(), "description.output", /\[y\], got \[\]/],
    [
      "a port of another dtype",
      (m) => Object.assign(arrayOf(m), { dataType: 65568 }),
      "description.input[0].type.dataType",
      /the program's fp16, got FLOAT32/,
    ],
    [
      "a port of another shape",
      (m) => Object.assign(arrayOf(m), { shape: [1n, 2n] }),
      "description.input[0].type.shape",
      /\[1, 2, 1, 32\], got \[1, 2\]/,
    ],
    [
      "a description of functions that are not there",
      (m) => m.description!.functions.push(functionOf(m, "other")),
      "description.functions[0].name",
      /got "other"/,
    ],
    [
      "a default function that is not there",
      (m) => {
        m.description!.functions.push(functionOf(m, "main"));
        m.description!.defaultFunctionName = "z";
      },
      "description.defaultFunctionName",
      /got "z"/,
    ],
  ])("%s", (_, change, field, message) => {
    const model = decoded();
    change(model);
    const bytes = toBinary(ModelSchema, model);
    let thrown: unknown;
    try {
      decodeModel(bytes);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(FormatError);
    expect(thrown).toMatchObject({
      code: "ERR_MLPACKAGE",
      path: "Data/com.apple.CoreML/model.mlmodel",
      field,
      message: expect.stringMatching(message),
    });
  });

  it("nothing about ports that are images, which programs see as tensors", () => {
    const model = decoded();
    model.description!.input[0]!.type = undefined;
    expect(decodeModel(toBinary(ModelSchema, model)).program).toEqual(small());
  });
});
