// The few functions of Open MPI that collectives beside computation need, found at run time: nothing is linked, no header needed.
// Handles are pointers to objects that libmpi exports (mpi.h of Open MPI 4 and 5); MPICH's are integers, so it is refused.
#pragma once

#include <string>

namespace ane::mpi {

struct OpenMpi {
  using Handle = void*;
  using Request = void*;

  int (*initThread)(int*, char***, int required, int* provided);
  int (*finalize)();
  int (*commRank)(Handle comm, int* rank);
  int (*commSize)(Handle comm, int* size);
  int (*commSetErrhandler)(Handle comm, Handle handler);
  int (*iallreduce)(const void* send, void* receive, int count, Handle type, Handle op, Handle comm, Request*);
  int (*ibcast)(void* buffer, int count, Handle type, int root, Handle comm, Request*);
  // `status` may be MPI_STATUS_IGNORE, the null pointer in Open MPI.
  int (*test)(Request*, int* complete, void* status);
  int (*errorString)(int code, char* text, int* length);
  int (*libraryVersion)(char* text, int* length);
  Handle world;
  Handle floatType;
  Handle doubleType;
  Handle byteType;
  Handle sum;
  Handle errorsReturn;

  // Throws std::runtime_error saying what was tried where no usable library is found. `path` may be empty.
  static OpenMpi load(const std::string& path);

  std::string describe(int code) const;
  std::string version() const;
};

}  // namespace ane::mpi
