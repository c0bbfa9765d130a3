// What dyld does to an image before it runs: pointers into the image are moved with it, imports get their addresses.
#pragma once

#include "image.h"

namespace machload {

enum class Binding { immediate, lazy };

void rebase(const Image& image, const uint8_t* opcodes, uint32_t size);
// Lazy imports are bound at once, too: an import that cannot be bound should be known from the start.
void bind(const Image& image, const uint8_t* opcodes, uint32_t size, Binding binding);
// @param header dyld_chained_fixups_header
void applyChainedFixups(const Image& image, const uint8_t* header);

}  // namespace machload
