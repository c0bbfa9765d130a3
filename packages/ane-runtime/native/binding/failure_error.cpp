#include "binding/failure_error.h"

namespace ane::binding {

Napi::Error failureError(Napi::Env env, const Failure& failure) {
  Napi::Error error = Napi::Error::New(env, failure.reason);
  error.Set("step", failure.step);
  error.Set("domain", failure.domain);
  error.Set("errorCode", Napi::Number::New(env, static_cast<double>(failure.code)));
  error.Set("details", failure.details);
  error.Set("exception", failure.exception);
  return error;
}

}  // namespace ane::binding
