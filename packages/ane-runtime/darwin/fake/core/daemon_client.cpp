// A frame is a 32-bit length and that many bytes: fields separated by NUL. The first connection of the process does
// nothing but stay open: when it closes, however the process ended, the daemon lets go of the programs that it held.
#include "core/daemon_client.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>

namespace fake {
namespace {

const char* socketPath() { return std::getenv("FAKE_ANE_SOCKET"); }

class Connection {
 public:
  Connection() {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const char* path = socketPath();
    if (!path || std::strlen(path) >= sizeof address.sun_path) return;
    std::strcpy(address.sun_path, path);
    socket_ = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) disconnect();
  }
  ~Connection() { disconnect(); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  Reply ask(const std::vector<std::string>& fields) {
    std::string body;
    for (const auto& field : fields) body += (&field == fields.data() ? "" : std::string(1, '\0')) + field;
    uint32_t length = static_cast<uint32_t>(body.size());
    if (!send(&length, sizeof length) || !send(body.data(), body.size())) return unreachable();
    if (!receive(&length, sizeof length)) return unreachable();
    std::string answer(length, '\0');
    if (!receive(answer.data(), length)) return unreachable();
    return parse(answer);
  }

 private:
  static Reply parse(const std::string& answer) {
    Reply reply;
    size_t begin = 0;
    for (size_t end; begin <= answer.size(); begin = end + 1) {
      end = std::min(answer.find('\0', begin), answer.size());
      reply.fields.push_back(answer.substr(begin, end - begin));
    }
    reply.ok = reply.fields.front() == "ok";
    reply.fields.erase(reply.fields.begin());
    return reply;
  }

  Reply unreachable() {
    disconnect();
    const char* path = socketPath();
    return {false, {std::string("no daemon answers at FAKE_ANE_SOCKET=") + (path ? path : "")}};
  }

  bool send(const void* data, size_t bytes) {
    for (const char* next = static_cast<const char*>(data); bytes > 0;) {
      const ssize_t sent = ::send(socket_, next, bytes, MSG_NOSIGNAL);
      if (sent < 0 && errno == EINTR) continue;
      if (sent <= 0) return false;
      next += sent;
      bytes -= static_cast<size_t>(sent);
    }
    return true;
  }

  bool receive(void* data, size_t bytes) {
    for (char* next = static_cast<char*>(data); bytes > 0;) {
      const ssize_t received = recv(socket_, next, bytes, 0);
      if (received < 0 && errno == EINTR) continue;
      if (received <= 0) return false;
      next += received;
      bytes -= static_cast<size_t>(received);
    }
    return true;
  }

  void disconnect() {
    if (socket_ >= 0) close(socket_);
    socket_ = -1;
  }

  int socket_ = -1;
};

}  // namespace

Reply askDaemon(const std::vector<std::string>& fields) {
  [[maybe_unused]] static Connection* const held = [] {
    auto* connection = new Connection;
    connection->ask({"hold", std::to_string(getpid())});
    return connection;
  }();
  thread_local Connection connection;
  return connection.ask(fields);
}

}  // namespace fake
