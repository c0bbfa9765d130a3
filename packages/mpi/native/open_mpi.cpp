#include "open_mpi.h"

#include <dlfcn.h>

#include <stdexcept>
#include <vector>

namespace ane::mpi {
namespace {

constexpr int kLongestText = 8192;  // above MPI_MAX_LIBRARY_VERSION_STRING and MPI_MAX_ERROR_STRING

std::vector<std::string> candidates(const std::string& path) {
  if (!path.empty()) return {path};
#ifdef __APPLE__
  return {"libmpi.40.dylib", "libmpi.dylib", "/opt/homebrew/lib/libmpi.dylib", "/usr/local/lib/libmpi.dylib"};
#else
  return {"libmpi.so.40", "libmpi.so"};
#endif
}

void* openLibrary(const std::string& path) {
  std::string tried;
  for (const std::string& name : candidates(path)) {
    // Global, because the library's own plug-ins look for its symbols there.
    if (void* library = dlopen(name.c_str(), RTLD_NOW | RTLD_GLOBAL)) return library;
    tried += (tried.empty() ? "" : "; ") + std::string(dlerror());
  }
  throw std::runtime_error("no Open MPI library could be loaded (" + tried + ")");
}

template <typename Function>
void find(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(dlsym(library, name));
  if (!function) {
    throw std::runtime_error(std::string("the MPI library has no ") + name + ", so it is not Open MPI 4 or 5");
  }
}

}  // namespace

OpenMpi OpenMpi::load(const std::string& path) {
  void* library = openLibrary(path);  // stays open: MPI cannot be unloaded
  OpenMpi mpi{};
  find(library, "ompi_mpi_comm_world", mpi.world);
  find(library, "ompi_mpi_float", mpi.floatType);
  find(library, "ompi_mpi_double", mpi.doubleType);
  find(library, "ompi_mpi_byte", mpi.byteType);
  find(library, "ompi_mpi_op_sum", mpi.sum);
  find(library, "ompi_mpi_errors_return", mpi.errorsReturn);
  find(library, "MPI_Init_thread", mpi.initThread);
  find(library, "MPI_Finalize", mpi.finalize);
  find(library, "MPI_Comm_rank", mpi.commRank);
  find(library, "MPI_Comm_size", mpi.commSize);
  find(library, "MPI_Comm_set_errhandler", mpi.commSetErrhandler);
  find(library, "MPI_Iallreduce", mpi.iallreduce);
  find(library, "MPI_Ibcast", mpi.ibcast);
  find(library, "MPI_Test", mpi.test);
  find(library, "MPI_Error_string", mpi.errorString);
  find(library, "MPI_Get_library_version", mpi.libraryVersion);
  return mpi;
}

std::string OpenMpi::describe(int code) const {
  char text[kLongestText];
  int length = 0;
  if (errorString(code, text, &length) != 0) return "MPI error " + std::to_string(code);
  return std::string(text, static_cast<size_t>(length));
}

std::string OpenMpi::version() const {
  char text[kLongestText];
  int length = 0;
  if (libraryVersion(text, &length) != 0) return "unknown";
  const std::string whole(text, static_cast<size_t>(length));
  return whole.substr(0, whole.find(','));
}

}  // namespace ane::mpi
