/** Core ML packages of MIL programs. Needs Node for files; everything else of this package does not. */
export { blobReferences } from "./map-blobs.js";
export {
  type DecodedModel,
  decodeModel,
  encodeModel,
  type ModelMetadata,
  type ModelOptions,
} from "./model-codec.js";
export { type Mlpackage, readMlpackage } from "./read-mlpackage.js";
export { type WriteMlpackageOptions, writeMlpackage } from "./write-mlpackage.js";
