// Thread-local variables. The image asks for an address by calling the first word of a descriptor {function, key,
// offset}; every thread has a block of its own per image, made from the image's template when it first asks.
#pragma once

#include "image.h"

namespace machload {

// Puts the image into the keys of its descriptors.
void adoptThreadLocals(const Image& image);
// The function of a descriptor: x0 in, x0 out, all other registers kept.
void* threadLocalAddressEntry();

}  // namespace machload
