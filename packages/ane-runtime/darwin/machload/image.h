// A Mach-O arm64 image in memory. Images are loaded once and never unloaded, as macOS treats images with Objective-C.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "macho_layout.h"

namespace machload {

class Image {
 public:
  // Maps the file, binds its imports and runs its initializers.
  static Image* load(const std::string& path);
  // The image that the program counter is in, or null.
  static Image* containing(uint64_t pc);

  uint8_t* base() const { return base_; }
  // Where something that was linked at `address` is now.
  uint8_t* at(uint64_t address) const { return base_ + (address - linkedBase_); }
  uint64_t linkedBase() const { return linkedBase_; }
  const SegmentCommand& segment(size_t index) const { return segments_.at(index); }
  // Null if the image has no section of that name.
  const Section* section(const char* name) const;
  // An exported symbol, or null.
  void* symbol(const std::string& name) const;

 private:
  void readCommands(const uint8_t* file);
  void mapSegments(const uint8_t* file);
  void applyFixups(const uint8_t* file);
  void readSymbols(const uint8_t* file);
  void protectSegments() const;
  void runInitializers() const;

  uint8_t* base_ = nullptr;
  uint64_t linkedBase_ = 0;
  uint64_t size_ = 0;
  std::vector<SegmentCommand> segments_;
  std::vector<Section> sections_;
  std::unordered_map<std::string, void*> symbols_;
  const SymbolTableCommand* symbolTable_ = nullptr;
  const DyldInfoCommand* dyldInfo_ = nullptr;
  const LinkEditCommand* chainedFixups_ = nullptr;
};

}  // namespace machload
