// Apple's compact unwind information (mach-o/compact_unwind_encoding.h): a two-level index from functions to encodings
// of 32 bits.
#include "image.h"
#include "reader.h"
#include "stop.h"
#include "unwind_context.h"

namespace machload {
namespace {

constexpr uint32_t kModeMask = 0x0f000000;
constexpr uint32_t kFrameless = 0x02000000, kDwarf = 0x03000000, kFrame = 0x04000000;
constexpr uint32_t kHasExceptionTable = 0x40000000;

struct FirstLevelEntry {
  uint32_t function, page, exceptionTables;
};

struct Found {
  uint32_t function, encoding;
  FirstLevelEntry entry, next;
};

// Regular pages hold pairs of function and encoding; compressed ones 24 bits of function, relative to the page, and 8
// of an index into the encodings common to the image or, beyond those, the page's own.
void searchPage(const uint8_t* info, uint32_t offset, Found& found) {
  constexpr uint32_t kRegular = 2;
  const uint8_t* const page = info + found.entry.page;
  const auto entries = page + valueAt<uint16_t>(page + 4);
  const auto count = valueAt<uint16_t>(page + 6);
  if (valueAt<uint32_t>(page) == kRegular) {
    for (uint32_t i = 0; i < count && valueAt<uint32_t>(entries + 8 * i) <= offset; i++) {
      found.function = valueAt<uint32_t>(entries + 8 * i);
      found.encoding = valueAt<uint32_t>(entries + 8 * i + 4);
    }
    return;
  }
  const auto commonCount = valueAt<uint32_t>(info + 8);
  const uint8_t *const common = info + valueAt<uint32_t>(info + 4), *const own = page + valueAt<uint16_t>(page + 8);
  for (uint32_t i = 0; i < count; i++) {
    const auto entry = valueAt<uint32_t>(entries + 4 * i);
    const uint32_t function = found.entry.function + (entry & 0xffffff), index = entry >> 24;
    if (function > offset) return;
    found.function = function;
    found.encoding = valueAt<uint32_t>(index < commonCount ? common + 4 * index : own + 4 * (index - commonCount));
  }
}

Found search(const uint8_t* info, uint32_t offset) {
  const auto* const index = reinterpret_cast<const FirstLevelEntry*>(info + valueAt<uint32_t>(info + 20));
  const auto count = valueAt<uint32_t>(info + 24);
  uint32_t i = 0;
  while (i + 1 < count && index[i + 1].function <= offset) i++;
  if (i + 1 >= count) stop("a function at image+%#x has no unwind information", offset);
  Found found{0, 0, index[i], index[i + 1]};
  searchPage(info, offset, found);
  return found;
}

const uint8_t* exceptionTable(const Image& image, const uint8_t* info, const Found& found) {
  if (!(found.encoding & kHasExceptionTable)) return nullptr;
  for (uint32_t at = found.entry.exceptionTables; at < found.next.exceptionTables; at += 8) {
    if (valueAt<uint32_t>(info + at) == found.function) return image.base() + valueAt<uint32_t>(info + at + 4);
  }
  return nullptr;
}

uint64_t popped(uint64_t& place) {
  const uint64_t value = *reinterpret_cast<const uint64_t*>(place);
  place -= 8;
  return value;
}

}  // namespace

bool describeFrame(Context& context, FrameRule& rule) {
  // pc is behind the call, which may be the function's last instruction.
  const Image* const image = Image::containing(context.pc - 1);
  if (!image) return false;
  const Section* const section = image->section("__unwind_info");
  if (!section) stop("an image must have unwind information");
  const uint8_t* const info = image->at(section->address);
  const Found found = search(info, static_cast<uint32_t>(context.pc - 1 - reinterpret_cast<uint64_t>(image->base())));
  rule = {image, found.encoding};
  context.functionStart = reinterpret_cast<uint64_t>(image->base()) + found.function;
  context.exceptionTable = exceptionTable(*image, info, found);
  context.personality = nullptr;
  if (const uint32_t personality = (found.encoding >> 28) & 3) {
    const uint8_t* const pointers = info + valueAt<uint32_t>(info + 12);
    context.personality = valueAt<void*>(image->base() + valueAt<uint32_t>(pointers + 4 * (personality - 1)));
  }
  if ((found.encoding & kModeMask) == kDwarf) describeDwarfFrame(*image, found.encoding & 0xffffff, context);
  return true;
}

void leaveFrame(Context& context, const FrameRule& rule) {
  const uint32_t mode = rule.encoding & kModeMask;
  if (mode == kDwarf) return leaveDwarfFrame(*rule.image, rule.encoding & 0xffffff, context);
  if (mode != kFrame && mode != kFrameless) stop("unknown unwind encoding %#x", rule.encoding);
  const uint64_t top = mode == kFrame ? context.x[29] : context.sp + 16 * ((rule.encoding >> 12) & 0xfff);
  uint64_t place = top - 8;  // saved registers lie downwards from here
  for (int pair = 0; pair < 5; pair++) {
    if (!(rule.encoding & (0x1u << pair))) continue;
    context.x[19 + 2 * pair] = popped(place);
    context.x[20 + 2 * pair] = popped(place);
  }
  for (int pair = 0; pair < 4; pair++) {
    if (!(rule.encoding & (0x100u << pair))) continue;
    context.d[8 + 2 * pair] = popped(place);
    context.d[9 + 2 * pair] = popped(place);
  }
  if (mode == kFrameless) {
    context.sp = top;
    context.pc = context.x[30];
    return;
  }
  const auto* const saved = reinterpret_cast<const uint64_t*>(top);  // the caller's x29 and x30
  context.x[29] = saved[0];
  context.pc = saved[1];
  context.sp = top + 16;
}

}  // namespace machload
