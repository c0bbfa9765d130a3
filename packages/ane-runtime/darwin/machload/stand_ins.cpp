#include "stand_ins.h"

#include <dlfcn.h>
#include <unistd.h>

#include "stop.h"

namespace machload {
namespace {

std::string beside(const std::string& name) {
  const std::string own = ownPath();
  return own.substr(0, own.rfind('/') + 1) + name;
}

}  // namespace

std::string ownPath() {
  Dl_info self;
  if (dladdr(reinterpret_cast<void*>(ownPath), &self) == 0) stop("cannot find this library's own path");
  return self.dli_fname;
}

void openSystemStandIn() {
  const std::string path = beside("libFakeDarwin.so");
  if (access(path.c_str(), F_OK) != 0) return;
  if (!dlopen(path.c_str(), RTLD_NOW | RTLD_GLOBAL)) stop("%s", dlerror());
}

std::string standInFor(const std::string& path) {
  std::string name = path.substr(path.rfind('/') + 1);
  name = name.substr(0, name.rfind(".dylib"));
  if (name.rfind("lib", 0) != 0) name = "lib" + name;
  return beside(name + ".so");
}

}  // namespace machload
