// Owners are recorded as empty files `ane-runtime/<identifier>.<pid>` beside the folders, not inside them, where the
// compiler looks. A record is made before the folder and removed after it, so whatever moment a process dies at, the
// next one to open the framework finds what to remove. One lock file makes each change a single step for all
// processes. A folder stays while a process of its owner's number lives, even if that is another process by now.
#import "ane/folder.h"

#include <sys/file.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <map>
#include <mutex>
#include <set>
#include <unistd.h>

#import "ane/failure.h"

namespace ane {
namespace {

// Guards `models`; held with the lock file.
std::mutex mutex;
// Of this process, by identifier.
std::map<std::string, size_t> models;

NSString *temporary(const std::string& name) {
  return [NSTemporaryDirectory() stringByAppendingPathComponent:[NSString stringWithUTF8String:name.c_str()]];
}

const char* const kRegister = "ane-runtime";

std::string recordOf(const std::string& identifier, long pid) {
  return std::string(kRegister) + "/" + identifier + "." + std::to_string(pid);
}

bool createFolder(NSString *path, Failure* failure) {
  NSError *error = nil;
  if ([[NSFileManager defaultManager] createDirectoryAtPath:path
                                withIntermediateDirectories:YES
                                                 attributes:nil
                                                      error:&error]) {
    return true;
  }
  failWithError(failure, "folder", error, "the folder could not be created");
  failure->reason = textOf(path) + ": " + failure->reason;
  return false;
}

bool removeAt(NSString *path, Failure* failure) {
  NSFileManager *files = [NSFileManager defaultManager];
  if (![files fileExistsAtPath:path]) return true;
  NSError *error = nil;
  if ([files removeItemAtPath:path error:&error]) return true;
  failWithError(failure, "folder", error, "it could not be removed");
  failure->reason = textOf(path) + ": " + failure->reason;
  return false;
}

bool writeFile(NSData *data, NSString *path, Failure* failure) {
  if (!createFolder([path stringByDeletingLastPathComponent], failure)) return false;
  if ([data writeToFile:path atomically:YES]) return true;
  return fail(failure, "folder", textOf(path) + ": it could not be written");
}

// Waits for the lock, whatever signals come meanwhile.
bool lockFile(int file) {
  while (flock(file, LOCK_EX) != 0) {
    if (errno != EINTR) return false;
  }
  return true;
}

// One step at a time in the register, for all processes.
class RegisterLock : public FileLock {
 public:
  explicit RegisterLock(Failure* failure) : FileLock("lock", failure) {}
};

bool isAlive(long pid) { return kill(static_cast<pid_t>(pid), 0) == 0 || errno == EPERM; }

// The living owners and the dead ones of each identifier.
struct Owners {
  std::set<long> living, dead;
};

std::map<std::string, Owners> readRegister() {
  std::map<std::string, Owners> owners;
  NSError *error = nil;  // without a register there are no owners
  NSArray *names = [[NSFileManager defaultManager] contentsOfDirectoryAtPath:temporary(kRegister) error:&error];
  for (NSString *name in names) {
    const std::string record = textOf(name);
    const size_t dot = record.rfind('.');
    const long pid = dot == std::string::npos ? 0 : std::atol(record.c_str() + dot + 1);
    if (pid <= 0) continue;
    const std::string identifier = record.substr(0, dot);
    // A record with our own number that we did not make is of an earlier process of that number.
    const bool living = pid == getpid() ? models.count(identifier) > 0 : isAlive(pid);
    (living ? owners[identifier].living : owners[identifier].dead).insert(pid);
  }
  return owners;
}

// What the identifier is allowed to be, because folders of that name are removed.
bool isIdentifier(const std::string& identifier) {
  for (const char letter : identifier) {
    const bool plain = (letter >= '0' && letter <= '9') || (letter >= 'a' && letter <= 'z') ||
                       (letter >= 'A' && letter <= 'Z') || letter == '_' || letter == '-';
    if (!plain) return false;
  }
  return !identifier.empty() && identifier != kRegister;
}

// The record goes last: as long as there is one, there may be a folder.
bool removeOwned(const std::string& identifier, long pid, Failure* failure) {
  const auto owners = readRegister();
  const auto found = owners.find(identifier);
  const bool alone = found == owners.end() || found->second.living.empty();
  if (alone && !removeAt(temporary(identifier), failure)) return false;
  return removeAt(temporary(recordOf(identifier, pid)), failure);
}

// One of 64 locks, so that strangers seldom meet; a lock of its own for each identifier would leave a file behind for
// each.
uint32_t lockNumber(const std::string& identifier) {
  uint32_t hash = 2166136261;  // FNV-1a: the same in every build, as all processes must agree
  for (const char letter : identifier) hash = (hash ^ static_cast<uint8_t>(letter)) * 16777619;
  return hash % 64;
}

}  // namespace

FileLock::FileLock(const std::string& name, Failure* failure) {
  if (!createFolder(temporary(kRegister), failure)) return;
  NSString *path = temporary(std::string(kRegister) + "/" + name);
  file_ = std::fopen([path fileSystemRepresentation], "w");
  if (file_ && lockFile(fileno(file_))) return;
  const int error = errno;
  fail(failure, "folder", textOf(path) + ": it could not be locked: " + std::strerror(error));
  if (file_) std::fclose(file_);
  file_ = nullptr;
}

FileLock::~FileLock() {
  if (file_) std::fclose(file_);
}

FolderLock::FolderLock(const std::string& identifier, Failure* failure)
    : FileLock("lock" + std::to_string(lockNumber(identifier)), failure) {}

bool enterFolder(const std::string& identifier, Failure* failure) {
  if (!isIdentifier(identifier)) {
    return fail(failure, "folder", "an identifier must be letters and digits, got \"" + identifier + "\"");
  }
  const std::lock_guard<std::mutex> guard(mutex);
  const RegisterLock lock(failure);
  if (!lock) return false;
  NSString *record = temporary(recordOf(identifier, getpid()));
  if (![[NSFileManager defaultManager] createFileAtPath:record contents:[NSData data] attributes:nil]) {
    return fail(failure, "folder", textOf(record) + ": it could not be written");
  }
  models[identifier]++;
  return true;
}

bool writeFolder(const std::string& identifier, NSData *text, NSDictionary *weights, Failure* failure) {
  NSString *folder = temporary(identifier);
  if (!createFolder([folder stringByAppendingPathComponent:@"weights"], failure)) return false;
  if (!writeFile(text, [folder stringByAppendingPathComponent:@"model.mil"], failure)) return false;
  const std::string prefix = "@model_path/";
  for (NSString *name in weights) {
    const std::string path = textOf(name);
    const bool inside = path.compare(0, prefix.size(), prefix) == 0 && path.size() > prefix.size() &&
                        ("/" + path + "/").find("/../") == std::string::npos;
    if (!inside) return fail(failure, "folder", path + ": a weight's path must lie inside @model_path/");
    NSString *relative = [NSString stringWithUTF8String:path.c_str() + prefix.size()];
    NSData *data = [[weights objectForKey:name] objectForKey:@"data"];
    if (!writeFile(data, [folder stringByAppendingPathComponent:relative], failure)) return false;
  }
  return true;
}

bool leaveFolder(const std::string& identifier, Failure* failure) {
  const std::lock_guard<std::mutex> guard(mutex);
  if (--models[identifier] > 0) return true;
  models.erase(identifier);
  const RegisterLock lock(failure);
  return lock && removeOwned(identifier, getpid(), failure);
}

void sweepFolders() {
  const std::lock_guard<std::mutex> guard(mutex);
  Failure unreported;  // what cannot be removed now is found by the next sweep
  const RegisterLock lock(&unreported);
  if (!lock) return;
  for (const auto& [identifier, owners] : readRegister()) {
    for (const long pid : owners.dead) {
      if (isIdentifier(identifier)) removeOwned(identifier, pid, &unreported);
    }
  }
}

}  // namespace ane
