/** model.mlmodel: a program, the description of its ports, versions and metadata, as one message. */
import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { ArgumentError } from "../errors.js";
import type { Program } from "../program.js";
import { decodeProgram } from "./decode-program.js";
import { applyDescription, encodeDescription, withoutFlexibleShapes } from "./description-codec.js";
import { encodeProgram } from "./encode-program.js";
import { MODEL_PATH, modelError, packageError } from "./package-error.js";
import { type Metadata, type MetadataSchema, type Model, ModelSchema } from "./proto/model_pb.js";
import { requiredVersion } from "./required-version.js";
import { sortedEntries } from "./sorted-entries.js";
import { dialectOf, NEWEST_VERSION, OLDEST_VERSION } from "./versions.js";

/** What people write into a model about it. */
export interface ModelMetadata {
  readonly shortDescription?: string;
  readonly version?: string;
  readonly author?: string;
  readonly license?: string;
  readonly userDefined?: Readonly<Record<string, string>>;
}

/** How a program becomes a model. */
export interface ModelOptions {
  /** From 6 (iOS 15) to 10 (iOS 26). Default: the oldest that has everything the program uses. */
  readonly specificationVersion?: number;
  /** Of several functions, the one to load. Default "main" if there is one, else the first. */
  readonly defaultFunction?: string;
  readonly metadata?: ModelMetadata;
}

/** What a model holds. */
export interface DecodedModel {
  readonly program: Program;
  readonly specificationVersion: number;
  readonly metadata: ModelMetadata;
}

/** User-defined metadata that keeps the program's text dialect where it is not the specification version's own. */
const DIALECT_KEY = "mil-builder.dialect";

/** The bytes of model.mlmodel; equal programs give equal bytes. @throws ArgumentError if Core ML has no such model */
export function encodeModel(program: Program, options: ModelOptions = {}): Uint8Array {
  const specificationVersion = chooseVersion(program, options.specificationVersion);
  const { functions } = program;
  const names = functions.map(({ name }) => name);
  const defaultFunction = options.defaultFunction ?? (names.includes("main") ? "main" : names[0]);
  if (defaultFunction === undefined || !names.includes(defaultFunction)) {
    throw new ArgumentError(
      `model: the default function is one of [${names.join(", ")}], got ${defaultFunction}. Name one of them.`,
    );
  }
  const value = encodeProgram({ ...program, functions: functions.map(withoutFlexibleShapes) });
  const metadata = encodeMetadata(options.metadata ?? {}, program, specificationVersion);
  const model: MessageInitShape<typeof ModelSchema> = {
    specificationVersion,
    description: encodeDescription(functions, defaultFunction, metadata),
    Type: { case: "mlProgram", value },
  };
  return toBinary(ModelSchema, create(ModelSchema, model));
}

/** The model of the bytes. @throws FormatError (ERR_MLPACKAGE) naming the field */
export function decodeModel(bytes: Uint8Array): DecodedModel {
  const message = parseMessage(bytes);
  const { specificationVersion, description, Type } = message;
  if (specificationVersion < OLDEST_VERSION || specificationVersion > NEWEST_VERSION) {
    const rule = `ML programs have the versions ${OLDEST_VERSION} to ${NEWEST_VERSION}`;
    throw modelError("specificationVersion", rule, `${specificationVersion}`);
  }
  if (Type.case !== "mlProgram") {
    throw modelError("mlProgram", "the model is an ML program", "a model of another kind");
  }
  const decoded = decodeProgram(Type.value);
  const { metadata, dialect } = decodeMetadata(description?.metadata);
  const program = {
    version: dialect ?? dialectOf(specificationVersion),
    ...decoded,
    functions: applyDescription(decoded.functions, description),
  };
  const { version, reason } = requiredVersion(program);
  if (version > specificationVersion) {
    const rule = `${reason} needs version ${version} or later`;
    throw modelError("specificationVersion", rule, `${specificationVersion}`);
  }
  return { program, specificationVersion, metadata };
}

function chooseVersion(program: Program, wanted: number | undefined): number {
  const { version, reason } = requiredVersion(program);
  if (wanted === undefined) return version;
  if (!Number.isInteger(wanted) || wanted < version || wanted > NEWEST_VERSION) {
    throw new ArgumentError(
      `model: the specification version lies in ${version}..${NEWEST_VERSION} because of ${reason}, got ${wanted}. Choose another or change the program.`,
    );
  }
  return wanted;
}

function parseMessage(bytes: Uint8Array): Model {
  try {
    return fromBinary(ModelSchema, bytes, { readUnknownFields: false });
  } catch (cause) {
    throw packageError({
      path: MODEL_PATH,
      rule: "the file is a Core ML model",
      actual: cause instanceof Error ? cause.message : String(cause),
      remedy: "Get the file again; it may be cut, or of another kind.",
      cause,
    });
  }
}

function encodeMetadata(
  metadata: ModelMetadata,
  { version: own }: Program,
  specification: number,
): MessageInitShape<typeof MetadataSchema> | undefined {
  const dialect = own === dialectOf(specification) ? {} : { [DIALECT_KEY]: own };
  const { shortDescription = "", version = "", author = "", license = "" } = metadata;
  const userDefined = sortedEntries({ ...metadata.userDefined, ...dialect });
  const texts = [shortDescription, version, author, license];
  if (userDefined.length === 0 && texts.every((text) => text === "")) return undefined;
  return {
    shortDescription,
    versionString: version,
    author,
    license,
    userDefined: Object.fromEntries(userDefined),
  };
}

function decodeMetadata(message: Metadata | undefined): {
  readonly metadata: ModelMetadata;
  readonly dialect: Program["version"] | undefined;
} {
  if (message === undefined) return { metadata: {}, dialect: undefined };
  const { shortDescription, versionString: version, author, license } = message;
  const { [DIALECT_KEY]: dialect, ...userDefined } = message.userDefined;
  const given = Object.entries({ shortDescription, version, author, license });
  return {
    metadata: {
      ...Object.fromEntries(given.filter(([, text]) => text !== "")),
      ...(Object.keys(userDefined).length > 0 ? { userDefined } : {}),
    },
    dialect: dialect === "1.0" || dialect === "1.3" ? dialect : undefined,
  };
}
