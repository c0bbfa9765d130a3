// Opcodes: REBASE_OPCODE_* and BIND_OPCODE_* of mach-o/loader.h. Chains: mach-o/fixup-chains.h.
#include "fixups.h"

#include <vector>

#include "imports.h"
#include "reader.h"
#include "stop.h"

namespace machload {
namespace {

uint64_t slide(const Image& image) { return reinterpret_cast<uint64_t>(image.base()) - image.linkedBase(); }

constexpr uint16_t kPointer64 = 2;        // DYLD_CHAINED_PTR_64: targets are addresses
constexpr uint16_t kPointer64Offset = 6;  // DYLD_CHAINED_PTR_64_OFFSET: targets are offsets
constexpr uint16_t kNoChain = 0xffff;

// Bit 63: import (24 bits of index, 8 of addend), else 36 bits of target and 8 of top byte. Bits 51-62: steps of 4
// bytes to the next.
uint64_t chainedPointer(const Image& image, uint64_t raw, uint16_t format, const std::vector<void*>& imports) {
  if (raw >> 63) return reinterpret_cast<uint64_t>(imports.at(raw & 0xffffff)) + ((raw >> 24) & 0xff);
  const uint64_t target = raw & 0xfffffffff, topByte = (raw >> 36) & 0xff;
  const uint64_t address =
      format == kPointer64Offset ? reinterpret_cast<uint64_t>(image.base()) + target : target + slide(image);
  return address | topByte << 56;
}

void followChain(const Image& image, uint8_t* place, uint16_t format, const std::vector<void*>& imports) {
  for (;;) {
    const auto raw = valueAt<uint64_t>(place);
    const uint64_t pointer = chainedPointer(image, raw, format, imports);
    std::memcpy(place, &pointer, sizeof(pointer));
    const uint64_t next = (raw >> 51) & 0xfff;
    if (next == 0) return;
    place += 4 * next;
  }
}

}  // namespace

void rebase(const Image& image, const uint8_t* opcodes, uint32_t size) {
  Reader reader{opcodes};
  uint8_t* place = nullptr;
  const auto move = [&](uint64_t count, uint64_t gap) {
    for (; count > 0; count--) {
      const uint64_t pointer = valueAt<uint64_t>(place) + slide(image);
      std::memcpy(place, &pointer, sizeof(pointer));
      place += sizeof(pointer) + gap;
    }
  };
  while (reader.at < opcodes + size) {
    const uint8_t byte = *reader.at++, immediate = byte & 0xf;
    switch (byte & 0xf0) {
      case 0x00: return;  // DONE
      case 0x10: break;   // SET_TYPE_IMM: all are pointers
      case 0x20:  // SET_SEGMENT_AND_OFFSET_ULEB
        place = image.at(image.segment(immediate).address) + reader.number();
        break;
      case 0x30: place += reader.number(); break;     // ADD_ADDR_ULEB
      case 0x40: place += immediate * 8; break;       // ADD_ADDR_IMM_SCALED
      case 0x50: move(immediate, 0); break;           // DO_REBASE_IMM_TIMES
      case 0x60: move(reader.number(), 0); break;     // DO_REBASE_ULEB_TIMES
      case 0x70: move(1, reader.number()); break;     // DO_REBASE_ADD_ADDR_ULEB
      case 0x80: {                                    // DO_REBASE_ULEB_TIMES_SKIPPING_ULEB
        const uint64_t count = reader.number();
        move(count, reader.number());
        break;
      }
      default: stop("unknown rebase opcode %#x", byte);
    }
  }
}

void bind(const Image& image, const uint8_t* opcodes, uint32_t size, Binding binding) {
  Reader reader{opcodes};
  uint8_t* place = nullptr;
  const char* name = "";
  bool weak = false;
  int64_t addend = 0;
  const auto put = [&](uint64_t count, uint64_t gap) {
    for (; count > 0; count--) {
      const uint64_t pointer = reinterpret_cast<uint64_t>(importNamed(name, weak)) + static_cast<uint64_t>(addend);
      std::memcpy(place, &pointer, sizeof(pointer));
      place += sizeof(pointer) + gap;
    }
  };
  while (reader.at < opcodes + size) {
    const uint8_t byte = *reader.at++, immediate = byte & 0xf;
    switch (byte & 0xf0) {
      case 0x00:  // DONE: of one import, where imports are lazy
        if (binding == Binding::immediate) return;
        break;
      case 0x10:         // SET_DYLIB_ORDINAL_IMM; where a name comes from is checked elsewhere
      case 0x30:         // SET_DYLIB_SPECIAL_IMM
      case 0x50: break;  // SET_TYPE_IMM
      case 0x20: reader.number(); break;  // SET_DYLIB_ORDINAL_ULEB
      case 0x40:                          // SET_SYMBOL_TRAILING_FLAGS_IMM
        name = reader.text();
        weak = immediate & 1;
        break;
      case 0x60: addend = reader.signedNumber(); break;  // SET_ADDEND_SLEB
      case 0x70:  // SET_SEGMENT_AND_OFFSET_ULEB
        place = image.at(image.segment(immediate).address) + reader.number();
        break;
      case 0x80: place += reader.number(); break;      // ADD_ADDR_ULEB
      case 0x90: put(1, 0); break;                     // DO_BIND
      case 0xa0: put(1, 0), place += reader.number(); break;  // DO_BIND_ADD_ADDR_ULEB
      case 0xb0: put(1, immediate * 8); break;         // DO_BIND_ADD_ADDR_IMM_SCALED
      case 0xc0: {                                     // DO_BIND_ULEB_TIMES_SKIPPING_ULEB
        const uint64_t count = reader.number();
        put(count, reader.number());
        break;
      }
      default: stop("unknown bind opcode %#x", byte);
    }
  }
}

void applyChainedFixups(const Image& image, const uint8_t* header) {
  const auto field = [&](size_t index) { return valueAt<uint32_t>(header + 4 * index); };
  const uint8_t *const starts = header + field(1), *const entries = header + field(2), *const names = header + field(3);
  const uint32_t importCount = field(4), importFormat = field(5);
  if (importFormat != 1) stop("unknown format of chained imports: %u", importFormat);
  std::vector<void*> imports;
  for (uint32_t i = 0; i < importCount; i++) {
    const auto entry = valueAt<uint32_t>(entries + 4 * i);  // 8 bits of dylib, 1 of weakness, 23 of name offset
    imports.push_back(importNamed(reinterpret_cast<const char*>(names + (entry >> 9)), entry & 0x100));
  }
  const auto segmentCount = valueAt<uint32_t>(starts);
  for (uint32_t s = 0; s < segmentCount; s++) {
    const auto offset = valueAt<uint32_t>(starts + 4 + 4 * s);
    if (offset == 0) continue;
    Reader reader{starts + offset + 4};  // after its size
    const auto pageSize = reader.take<uint16_t>(), format = reader.take<uint16_t>();
    const auto segmentOffset = reader.take<uint64_t>();
    reader.take<uint32_t>();  // highest pointer, of no use in 64 bits
    const auto pageCount = reader.take<uint16_t>();
    if (format != kPointer64 && format != kPointer64Offset) stop("unknown format of chained pointers: %u", format);
    for (uint32_t page = 0; page < pageCount; page++) {
      const auto first = reader.take<uint16_t>();
      if (first == kNoChain) continue;
      followChain(image, image.base() + segmentOffset + page * pageSize + first, format, imports);
    }
  }
}

}  // namespace machload
