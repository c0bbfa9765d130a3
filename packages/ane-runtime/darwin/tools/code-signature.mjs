// Recomputes the ad-hoc signature of a Mach-O image, as the kernel does page by page: checkSignature(buffer, image) ->
// what is wrong, [] if nothing. Layouts are those of osfmk/kern/cs_blobs.h (all big-endian).
import { createHash } from "node:crypto";

const superBlob = 0xfade0cc0;
const codeDirectory = 0xfade0c02;
const adHoc = 0x2;
const sha256 = { type: 2, size: 32 };

export function checkSignature(buffer, { signature }) {
  if (!signature) return ["it must be signed: macOS on arm64 kills unsigned code"];
  const u32 = (at) => buffer.readUInt32BE(at);
  const blob = signature.start;
  if (u32(blob) !== superBlob) return ["the signature must be a super blob"];
  const slots = Array.from({ length: u32(blob + 8) }, (_, i) => blob + 12 + 8 * i);
  const slot = slots.find((at) => u32(at) === 0);
  if (slot === undefined) return ["the signature must have a code directory"];
  const directory = blob + u32(slot + 4);
  if (u32(directory) !== codeDirectory) return ["the code directory must have its magic number"];
  const bad = [];
  const [flags, hashes, pages, limit] = [12, 16, 28, 32].map((k) => u32(directory + k));
  const [hashSize, hashType] = [buffer[directory + 36], buffer[directory + 37]];
  const pageSize = 1 << buffer[directory + 39];
  if (!(flags & adHoc)) bad.push("the signature must be ad hoc");
  if (hashType !== sha256.type || hashSize !== sha256.size) bad.push("hashes must be SHA-256");
  if (limit !== blob) bad.push(`the signature must cover ${blob} bytes, covers ${limit}`);
  if (pages !== Math.ceil(limit / pageSize)) bad.push(`pages must cover ${limit} bytes`);
  for (let page = 0; page < pages; page++) {
    const content = buffer.subarray(page * pageSize, Math.min(limit, (page + 1) * pageSize));
    const place = directory + hashes + page * hashSize;
    const hash = createHash("sha256").update(content).digest();
    if (hash.compare(buffer, place, place + hashSize) !== 0) bad.push(`page ${page} was changed`);
  }
  return bad;
}
