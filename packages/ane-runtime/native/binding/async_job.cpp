#include "binding/async_job.h"

#include <memory>

namespace ane::binding {
namespace {

struct Job {
  napi_async_work work = nullptr;
  napi_deferred deferred = nullptr;
  std::function<void()> execute;
  std::function<Napi::Value(Napi::Env)> result;
};

void execute(napi_env, void* data) { static_cast<Job*>(data)->execute(); }

// A worker thread that was terminated meanwhile can run no JavaScript: then nothing is settled.
void complete(napi_env env, napi_status status, void* data) {
  const std::unique_ptr<Job> job(static_cast<Job*>(data));
  napi_delete_async_work(env, job->work);
  if (status != napi_ok) return;
  const Napi::HandleScope scope(env);
  try {
    napi_resolve_deferred(env, job->deferred, job->result(env));
  } catch (const Napi::Error& error) {
    napi_reject_deferred(env, job->deferred, error.Value());
  }
}

}  // namespace

Napi::Value startJob(Napi::Env env, std::function<void()> work, std::function<Napi::Value(Napi::Env)> result) {
  auto job = std::make_unique<Job>();
  job->execute = std::move(work);
  job->result = std::move(result);
  napi_value promise = nullptr;
  const Napi::String name = Napi::String::New(env, "ane");
  NAPI_THROW_IF_FAILED(env, napi_create_promise(env, &job->deferred, &promise), Napi::Value());
  NAPI_THROW_IF_FAILED(env, napi_create_async_work(env, nullptr, name, execute, complete, job.get(), &job->work),
                       Napi::Value());
  NAPI_THROW_IF_FAILED(env, napi_queue_async_work(env, job->work), Napi::Value());
  job.release();  // `complete` frees it
  return Napi::Value(env, promise);
}

}  // namespace ane::binding
