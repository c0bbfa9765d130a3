/** TFRecord framing: uint64 length, uint32 masked CRC of the length, the data, uint32 masked CRC of the data; little-endian. */
import { maskedCrc32c } from "./crc32c.js";

const LENGTH_BYTES = 8;
const CRC_BYTES = 4;

export function tfRecord(data: Uint8Array): Buffer {
  const record = Buffer.alloc(LENGTH_BYTES + CRC_BYTES + data.length + CRC_BYTES);
  record.writeBigUInt64LE(BigInt(data.length), 0);
  record.writeUInt32LE(maskedCrc32c(record.subarray(0, LENGTH_BYTES)), LENGTH_BYTES);
  record.set(data, LENGTH_BYTES + CRC_BYTES);
  record.writeUInt32LE(maskedCrc32c(data), LENGTH_BYTES + CRC_BYTES + data.length);
  return record;
}
