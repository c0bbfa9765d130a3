// Speaks with the daemon that executes programs (fake/daemon): frames of text fields over a Unix socket, blocking, one
// connection per thread, so that evaluations work on any thread and no lock orders them.
#pragma once

#include <string>
#include <vector>

namespace fake {

struct Reply {
  bool ok = false;
  // What was asked for, or where it is not ok one field: why.
  std::vector<std::string> fields;
};

// The socket is that of the environment variable FAKE_ANE_SOCKET.
Reply askDaemon(const std::vector<std::string>& fields);

}  // namespace fake
