#include "image.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "fixups.h"
#include "objc_metadata.h"
#include "reader.h"
#include "stop.h"
#include "thread_locals.h"

namespace machload {
namespace {

std::vector<Image*> images;

const uint8_t* mapFile(const std::string& path) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  struct stat info;
  if (file < 0 || fstat(file, &info) != 0) stop("cannot open %s", path.c_str());
  void* const bytes = mmap(nullptr, static_cast<size_t>(info.st_size), PROT_READ, MAP_PRIVATE, file, 0);
  close(file);
  if (bytes == MAP_FAILED) stop("cannot map %s", path.c_str());
  return static_cast<const uint8_t*>(bytes);
}

}  // namespace

Image* Image::load(const std::string& path) {
  const uint8_t* const file = mapFile(path);
  auto* const image = new Image;
  image->readCommands(file);
  image->mapSegments(file);
  images.push_back(image);
  image->applyFixups(file);
  image->readSymbols(file);
  adoptThreadLocals(*image);
  adoptObjectiveC(*image);
  image->protectSegments();
  image->runInitializers();
  return image;
}

Image* Image::containing(uint64_t pc) {
  for (Image* image : images) {
    const auto base = reinterpret_cast<uint64_t>(image->base_);
    if (pc >= base && pc < base + image->size_) return image;
  }
  return nullptr;
}

const Section* Image::section(const char* name) const {
  const auto found = std::find_if(sections_.begin(), sections_.end(),
                                  [name](const Section& s) { return std::strncmp(s.name, name, sizeof(s.name)) == 0; });
  return found == sections_.end() ? nullptr : &*found;
}

void* Image::symbol(const std::string& name) const {
  const auto found = symbols_.find(name);
  return found == symbols_.end() ? nullptr : found->second;
}

void Image::readCommands(const uint8_t* file) {
  const auto* header = reinterpret_cast<const Header*>(file);
  if (header->magic != kMagic64 || header->cpuType != kCpuArm64) stop("not a Mach-O image for arm64");
  const uint8_t* place = file + sizeof(Header);
  for (uint32_t i = 0; i < header->commandCount; i++) {
    const auto* command = reinterpret_cast<const LoadCommand*>(place);
    switch (command->command) {
      case kSegment64: {
        const auto* segment = reinterpret_cast<const SegmentCommand*>(place);
        segments_.push_back(*segment);
        const auto* sections = reinterpret_cast<const Section*>(segment + 1);
        sections_.insert(sections_.end(), sections, sections + segment->sectionCount);
        break;
      }
      case kSymbolTable: symbolTable_ = reinterpret_cast<const SymbolTableCommand*>(place); break;
      case kDyldInfo:
      case kDyldInfoOnly: dyldInfo_ = reinterpret_cast<const DyldInfoCommand*>(place); break;
      case kChainedFixups: chainedFixups_ = reinterpret_cast<const LinkEditCommand*>(place); break;
      default: break;
    }
    place += command->size;
  }
}

void Image::mapSegments(const uint8_t* file) {
  uint64_t low = ~uint64_t{0}, high = 0;
  for (const SegmentCommand& segment : segments_) {
    low = std::min(low, segment.address);
    high = std::max(high, segment.address + segment.memorySize);
  }
  linkedBase_ = low;
  size_ = high - low;
  void* const memory = mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) stop("no memory for an image of %lu bytes", static_cast<unsigned long>(size_));
  base_ = static_cast<uint8_t*>(memory);
  for (const SegmentCommand& segment : segments_) {
    std::memcpy(at(segment.address), file + segment.fileOffset, segment.fileSize);
  }
}

void Image::applyFixups(const uint8_t* file) {
  if (dyldInfo_) {
    rebase(*this, file + dyldInfo_->rebase, dyldInfo_->rebaseSize);
    // Weak definitions stay the image's own: what rebasing has left in their place.
    bind(*this, file + dyldInfo_->bind, dyldInfo_->bindSize, Binding::immediate);
    bind(*this, file + dyldInfo_->lazyBind, dyldInfo_->lazyBindSize, Binding::lazy);
  } else if (chainedFixups_) {
    applyChainedFixups(*this, file + chainedFixups_->offset);
  } else {
    stop("an image must have fixups that are known here");
  }
}

void Image::readSymbols(const uint8_t* file) {
  const auto* symbols = reinterpret_cast<const Symbol*>(file + symbolTable_->symbols);
  const auto* strings = reinterpret_cast<const char*>(file + symbolTable_->strings);
  for (uint32_t i = 0; i < symbolTable_->count; i++) {
    const bool debug = symbols[i].type & 0xe0;
    const bool definedExternal = (symbols[i].type & 0xf) == 0xf;
    if (definedExternal && !debug) symbols_[strings + symbols[i].name] = at(symbols[i].value);
  }
}

void Image::protectSegments() const {
  for (const SegmentCommand& segment : segments_) {
    if (segment.memorySize == 0) continue;
    const bool constant = std::strncmp(segment.name, "__DATA_CONST", sizeof(segment.name)) == 0;
    // The bits of a protection are the same in both systems.
    mprotect(at(segment.address), segment.memorySize, constant ? PROT_READ : segment.initialProtection);
  }
  __builtin___clear_cache(reinterpret_cast<char*>(base_), reinterpret_cast<char*>(base_ + size_));
}

void Image::runInitializers() const {
  using Initializer = void (*)(int, char**, char**, char**, void*);
  const auto run = [](Initializer initialize) { initialize(0, nullptr, nullptr, nullptr, nullptr); };
  if (const Section* pointers = section("__mod_init_func")) {
    const auto* functions = reinterpret_cast<Initializer*>(at(pointers->address));
    for (uint64_t i = 0; i < pointers->size / sizeof(Initializer); i++) run(functions[i]);
  }
  if (const Section* offsets = section("__init_offsets")) {
    for (uint64_t i = 0; i < offsets->size; i += 4) {
      run(reinterpret_cast<Initializer>(base_ + valueAt<uint32_t>(at(offsets->address + i))));
    }
  }
}

}  // namespace machload
