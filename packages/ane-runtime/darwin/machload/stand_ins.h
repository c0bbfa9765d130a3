// Libraries that stand in for macOS's; they lie in the folder of this library.
#pragma once

#include <string>

namespace machload {

// This library's own path.
std::string ownPath();

// Makes IOSurface, CoreFoundation and sysctlbyname known by name, if there is a library of them; an image of plain C++
// needs none.
void openSystemStandIn();

// Where the stand-in of a library of macOS is: .../AppleNeuralEngine is libAppleNeuralEngine.so,
// /usr/lib/libIOReport.dylib is libIOReport.so.
std::string standInFor(const std::string& path);

}  // namespace machload
