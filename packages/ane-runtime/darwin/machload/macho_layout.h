// The structures of a 64-bit Mach-O image that the loader reads (mach-o/loader.h and mach-o/nlist.h).
#pragma once

#include <cstdint>

namespace machload {

constexpr uint32_t kMagic64 = 0xfeedfacf;
constexpr uint32_t kCpuArm64 = 0x100000c;

enum Command : uint32_t {
  kSymbolTable = 0x2,
  kSegment64 = 0x19,
  kDyldInfo = 0x22,
  kDyldInfoOnly = 0x80000022,
  kChainedFixups = 0x80000034,
};

struct Header {
  uint32_t magic, cpuType, cpuSubtype, fileType, commandCount, commandBytes, flags, reserved;
};

struct LoadCommand {
  uint32_t command, size;
};

struct SegmentCommand {
  uint32_t command, size;
  char name[16];
  uint64_t address, memorySize, fileOffset, fileSize;
  int32_t maximumProtection, initialProtection;
  uint32_t sectionCount, flags;
};

struct Section {
  char name[16], segment[16];
  uint64_t address, size;
  uint32_t fileOffset, alignment, relocationOffset, relocationCount, flags, reserved[3];
};

struct SymbolTableCommand {
  uint32_t command, size, symbols, count, strings, stringBytes;
};

struct Symbol {
  uint32_t name;
  uint8_t type, section;
  uint16_t description;
  uint64_t value;
};

struct DyldInfoCommand {
  uint32_t command, size, rebase, rebaseSize, bind, bindSize, weakBind, weakBindSize, lazyBind, lazyBindSize;
  uint32_t exports, exportsSize;
};

struct LinkEditCommand {
  uint32_t command, size, offset, bytes;
};

}  // namespace machload
