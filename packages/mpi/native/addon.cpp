// The JavaScript face of Communicator:
// new Communicator(library) -> { rank, size, version, allReduce(values), broadcast(bytes): Promise, close(), abandon() }.
#include <napi.h>

#include <memory>
#include <string>

#include "communicator.h"

namespace {

using ane::mpi::Communicator;

// Settles a promise from the communicator's thread, and keeps the array alive until then.
class Settlement {
 public:
  Settlement(Napi::Env env, const Napi::Object& values)
      : deferred_(Napi::Promise::Deferred::New(env)),
        values_(Napi::Persistent(values)),
        call_(Napi::ThreadSafeFunction::New(env, Napi::Function(), "mpi", 0, 1)) {}

  Napi::Promise promise() const { return deferred_.Promise(); }

  // Deletes itself on the JavaScript thread.
  void settle(const std::string& error) {
    call_.BlockingCall([this, error](Napi::Env env, Napi::Function) {
      if (error.empty()) {
        deferred_.Resolve(env.Undefined());
      } else {
        deferred_.Reject(Napi::Error::New(env, error).Value());
      }
      call_.Release();
      delete this;
    });
  }

 private:
  Napi::Promise::Deferred deferred_;
  Napi::ObjectReference values_;
  Napi::ThreadSafeFunction call_;
};

class CommunicatorObject : public Napi::ObjectWrap<CommunicatorObject> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(env, "Communicator",
                       {
                           InstanceAccessor<&CommunicatorObject::rank>("rank"),
                           InstanceAccessor<&CommunicatorObject::size>("size"),
                           InstanceAccessor<&CommunicatorObject::version>("version"),
                           InstanceMethod<&CommunicatorObject::allReduce>("allReduce"),
                           InstanceMethod<&CommunicatorObject::broadcast>("broadcast"),
                           InstanceMethod<&CommunicatorObject::close>("close"),
                           InstanceMethod<&CommunicatorObject::abandon>("abandon"),
                       });
  }

  explicit CommunicatorObject(const Napi::CallbackInfo& info) : ObjectWrap(info) {
    try {
      communicator_ = std::make_unique<Communicator>(info[0].As<Napi::String>());
    } catch (const std::exception& error) {
      throw Napi::Error::New(info.Env(), error.what());
    }
  }

  // Collected or at process exit without close(): the thread may be waiting for a dead peer.
  ~CommunicatorObject() override {
    if (communicator_) communicator_->abandon();
  }

 private:
  Napi::Value rank(const Napi::CallbackInfo& info) { return Napi::Number::New(info.Env(), communicator_->rank()); }
  Napi::Value size(const Napi::CallbackInfo& info) { return Napi::Number::New(info.Env(), communicator_->size()); }
  Napi::Value version(const Napi::CallbackInfo& info) {
    return Napi::String::New(info.Env(), communicator_->version());
  }

  // The caller has checked the argument: a Float32Array or a Float64Array that fits an int.
  Napi::Value allReduce(const Napi::CallbackInfo& info) {
    const auto values = info[0].As<Napi::TypedArray>();
    const int count = static_cast<int>(values.ElementLength());
    auto* settlement = new Settlement(info.Env(), values);
    const auto done = [settlement](const std::string& error) { settlement->settle(error); };
    if (values.TypedArrayType() == napi_float32_array) {
      communicator_->allReduce(info[0].As<Napi::Float32Array>().Data(), count, done);
    } else {
      communicator_->allReduce(info[0].As<Napi::Float64Array>().Data(), count, done);
    }
    return settlement->promise();
  }

  // The caller has checked the argument: a Uint8Array that fits an int.
  Napi::Value broadcast(const Napi::CallbackInfo& info) {
    auto bytes = info[0].As<Napi::Uint8Array>();
    auto* settlement = new Settlement(info.Env(), bytes);
    communicator_->broadcast(bytes.Data(), static_cast<int>(bytes.ElementLength()),
                             [settlement](const std::string& error) { settlement->settle(error); });
    return settlement->promise();
  }

  void close(const Napi::CallbackInfo&) {
    communicator_->close();
    communicator_.reset();
  }

  void abandon(const Napi::CallbackInfo&) {
    communicator_->abandon();
    communicator_.reset();
  }

  std::unique_ptr<Communicator> communicator_;
};

Napi::Object initialize(Napi::Env env, Napi::Object exports) {
  exports.Set("Communicator", CommunicatorObject::define(env));
  return exports;
}

NODE_API_MODULE(mpi, initialize)

}  // namespace
