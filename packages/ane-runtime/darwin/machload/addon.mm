// An addon of Linux on arm64 that is the Mach-O addon beside it: x.node loads x.macho and hands on what its
// registration returns.
#import <Foundation/Foundation.h>
#include <node_api.h>

#include <string>

#include "image.h"
#include "stand_ins.h"
#include "stop.h"

namespace {

const machload::Image* loadImage() {
  machload::openSystemStandIn();
  const std::string own = machload::ownPath();
  return machload::Image::load(own.substr(0, own.rfind('.')) + ".macho");
}

const machload::Image* theImage() {
  static const machload::Image* const image = loadImage();
  return image;
}

}  // namespace

// Both entry points of the image are called, as Node does.
NAPI_MODULE_INIT() {
  @autoreleasepool {
    using Version = int32_t (*)();
    using Register = napi_value (*)(napi_env, napi_value);
    const auto version = reinterpret_cast<Version>(theImage()->symbol("_node_api_module_get_api_version_v1"));
    const auto registerModule = reinterpret_cast<Register>(theImage()->symbol("_napi_register_module_v1"));
    if (!version || !registerModule) machload::stop("the image must export the entry points of an addon");
    if (version() != NAPI_VERSION) machload::stop("the image is for N-API %d", version());
    return registerModule(env, exports);
  }
}
