// The model's folder NSTemporaryDirectory()/<identifier>, where the compiler expects the program and its weights and
// leaves its output. The identifier is a hash of the content, so equal models share a folder: of one process, and of
// several at once.
#pragma once

#import <Foundation/Foundation.h>

#include <cstdio>
#include <string>

#include "ane/engine.h"

namespace ane {

// A lock file, held against other threads and other processes; a process that dies lets go.
class FileLock {
 public:
  FileLock(const std::string& name, Failure* failure);
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;
  ~FileLock();
  explicit operator bool() const { return file_ != nullptr; }

 private:
  std::FILE* file_ = nullptr;
};

// To be held while a model of this identifier is made ready, and while one is unloaded: unloading, the framework
// removes the folder itself, also from under an equal model that is just being compiled.
class FolderLock : public FileLock {
 public:
  FolderLock(const std::string& identifier, Failure* failure);
};

// Records this process as an owner of the folder, once per model: owners are counted.
bool enterFolder(const std::string& identifier, Failure* failure);

// Writes model.mil and the weights.
bool writeFolder(const std::string& identifier, NSData *text, NSDictionary *weights, Failure* failure);

// Takes back what `enterFolder` did, and removes the folder when its last owner leaves.
bool leaveFolder(const std::string& identifier, Failure* failure);

// Removes the folders whose owners have all died.
void sweepFolders();

}  // namespace ane
