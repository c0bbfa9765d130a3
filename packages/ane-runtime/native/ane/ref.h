// Owner of one reference to an Objective-C object, for manual retain counts.
#pragma once

#import <Foundation/Foundation.h>

#if __has_feature(objc_arc)
#error "build with -fno-objc-arc: references are counted by hand, so that the same files run on GNUstep"
#endif

namespace ane {

template <class T>
class Ref {
 public:
  Ref() = default;
  explicit Ref(T object) : object_([object retain]) {}
  Ref(Ref&& other) noexcept : object_(other.object_) { other.object_ = nil; }
  Ref& operator=(Ref&& other) noexcept {
    if (this != &other) {
      [object_ release];
      object_ = other.object_;
      other.object_ = nil;
    }
    return *this;
  }
  Ref(const Ref&) = delete;
  Ref& operator=(const Ref&) = delete;
  ~Ref() { [object_ release]; }

  T get() const { return object_; }
  explicit operator bool() const { return object_ != nil; }

 private:
  T object_ = nil;
};

}  // namespace ane
