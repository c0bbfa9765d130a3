// Frame descriptions in DWARF (__eh_frame), used where the compact form has no encoding. Only the operations that clang
// and zig emit.
#include <map>
#include <vector>

#include "image.h"
#include "reader.h"
#include "stop.h"
#include "unwind_context.h"

namespace machload {
namespace {

constexpr int kStackPointer = 31, kFirstVector = 64;

// A function's description (FDE) with what all of its kind share (CIE).
struct Description {
  Reader shared, own;  // instructions
  const uint8_t *sharedEnd, *ownEnd;
  uint64_t start;
  uint64_t codeAlignment;
  int64_t dataAlignment;
  uint64_t exceptionTable, personality;
};

Description parse(const Image& image, uint32_t offset) {
  Description d{};
  Reader fde{image.at(image.section("__eh_frame")->address) + offset};
  const auto length = fde.take<uint32_t>();
  d.ownEnd = fde.at + length;
  const uint8_t* const here = fde.at;
  Reader cie{here - fde.take<uint32_t>()};
  const auto sharedLength = cie.take<uint32_t>();
  d.sharedEnd = cie.at + sharedLength;
  cie.at += 5;  // identifier and version
  const char* augmentation = cie.text();
  d.codeAlignment = cie.number();
  d.dataAlignment = cie.signedNumber();
  cie.number();  // return address register
  uint8_t pointerEncoding = 0, tableEncoding = 0xff;
  const bool augmented = *augmentation == 'z';
  if (augmented) {
    cie.number();
    for (const char* letter = augmentation + 1; *letter; letter++) {
      if (*letter == 'R') pointerEncoding = *cie.at++;
      if (*letter == 'L') tableEncoding = *cie.at++;
      if (*letter == 'P') {
        const uint8_t encoding = *cie.at++;
        d.personality = readEncodedPointer(cie, encoding);
      }
    }
  }
  d.shared = cie;
  d.start = readEncodedPointer(fde, pointerEncoding);
  readEncodedPointer(fde, pointerEncoding & 0xf);  // length of the function
  if (augmented) {
    const uint64_t bytes = fde.number();
    Reader table = fde;
    if (tableEncoding != 0xff && bytes > 0) d.exceptionTable = readEncodedPointer(table, tableEncoding);
    fde.at += bytes;
  }
  d.own = fde;
  return d;
}

// Where the frame is and where registers were saved, relative to it.
struct Rules {
  int frameRegister = kStackPointer;
  int64_t frameOffset = 0;
  std::map<int, int64_t> saved;
};

// Runs DW_CFA_* operations up to the instruction at `pc`.
class Machine {
 public:
  Machine(const Description& d, uint64_t pc) : d_(d), location_(d.start), pc_(pc) {
    run(d.shared, d.sharedEnd);
    initial_ = rules_;
    run(d.own, d.ownEnd);
  }
  const Rules& rules() const { return rules_; }

 private:
  void run(Reader reader, const uint8_t* end) {
    while (reader.at < end && location_ <= pc_) step(reader);
  }

  void step(Reader& reader) {
    const uint8_t byte = *reader.at++, operand = byte & 0x3f;
    switch (byte & 0xc0) {
      case 0x40: return advance(operand);             // advance_loc
      case 0x80: return save(operand, reader.number());  // offset
      case 0xc0: return restore(operand);
      default: break;
    }
    switch (byte) {
      case 0x00: return;  // nop
      case 0x02: return advance(reader.take<uint8_t>());
      case 0x03: return advance(reader.take<uint16_t>());
      case 0x04: return advance(reader.take<uint32_t>());
      case 0x05: {  // offset_extended
        const auto which = static_cast<int>(reader.number());
        return save(which, reader.number());
      }
      case 0x06: return restore(static_cast<int>(reader.number()));
      case 0x07:  // undefined
      case 0x08: rules_.saved.erase(static_cast<int>(reader.number())); return;  // same_value
      case 0x0a: remembered_.push_back(rules_); return;
      case 0x0b:
        rules_ = remembered_.back();
        remembered_.pop_back();
        return;
      case 0x0c:  // def_cfa
        rules_.frameRegister = static_cast<int>(reader.number());
        rules_.frameOffset = static_cast<int64_t>(reader.number());
        return;
      case 0x0d: rules_.frameRegister = static_cast<int>(reader.number()); return;
      case 0x0e: rules_.frameOffset = static_cast<int64_t>(reader.number()); return;
      case 0x2d: return;  // negate_ra_state: pointers are not signed on arm64
      default: stop("unknown frame operation %#x", byte);
    }
  }

  void advance(uint64_t units) { location_ += units * d_.codeAlignment; }
  void save(int which, uint64_t offset) { rules_.saved[which] = static_cast<int64_t>(offset) * d_.dataAlignment; }
  void restore(int which) {
    const auto first = initial_.saved.find(which);
    if (first == initial_.saved.end()) rules_.saved.erase(which);
    else rules_.saved[which] = first->second;
  }

  const Description& d_;
  uint64_t location_;
  const uint64_t pc_;
  Rules rules_, initial_;
  std::vector<Rules> remembered_;
};

}  // namespace

uint64_t readEncodedPointer(Reader& reader, uint8_t encoding) {
  const auto place = reinterpret_cast<uint64_t>(reader.at);
  uint64_t value;
  switch (encoding & 0xf) {
    case 0x0:
    case 0x4:
    case 0xc: value = reader.take<uint64_t>(); break;
    case 0x1: value = reader.number(); break;
    case 0x3: value = reader.take<uint32_t>(); break;
    case 0xb: value = static_cast<uint64_t>(static_cast<int64_t>(reader.take<int32_t>())); break;
    default: stop("unknown pointer encoding %#x", encoding);
  }
  if (value == 0) return 0;
  if ((encoding & 0x70) == 0x10) value += place;                  // relative to itself
  if (encoding & 0x80) value = *reinterpret_cast<uint64_t*>(value);  // indirect
  return value;
}

void describeDwarfFrame(const Image& image, uint32_t offset, Context& context) {
  const Description d = parse(image, offset);
  context.functionStart = d.start;
  context.exceptionTable = reinterpret_cast<const uint8_t*>(d.exceptionTable);
  context.personality = reinterpret_cast<void*>(d.personality);
}

void leaveDwarfFrame(const Image& image, uint32_t offset, Context& context) {
  const Description d = parse(image, offset);
  const Rules rules = Machine(d, context.pc - 1).rules();
  const uint64_t base = rules.frameRegister == kStackPointer ? context.sp : context.x[rules.frameRegister];
  const uint64_t frame = base + static_cast<uint64_t>(rules.frameOffset);
  for (const auto& [which, place] : rules.saved) {
    const uint64_t value = *reinterpret_cast<const uint64_t*>(frame + static_cast<uint64_t>(place));
    if (which < kStackPointer) context.x[which] = value;
    else if (which >= kFirstVector && which < kFirstVector + 32) context.d[which - kFirstVector] = value;
  }
  context.sp = frame;
  context.pc = context.x[30];
}

}  // namespace machload
