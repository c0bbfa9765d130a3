// fake-control.node: how a test in the same process sees and steers the fake.
//   counters(): { [name]: number }        violations(): string[]          (and forgets them)
//   set(name, value)                      reset()                         settings and faults as at the start
//   inject(place, kind, code, skip, times)
//   release(milliseconds)                 what is held, at once, or later from another thread
//   publishedMethods(): { [class and method]: type encoding }
//   countFoundationObjects()              foundationObjects(): { [class]: number }
#include <node_api.h>

#include <chrono>
#include <string>
#include <thread>

#include "control/foundation_objects.h"
#include "core/faults.h"
#include "core/ledger.h"
#include "core/settings.h"

namespace {

constexpr size_t MOST_ARGUMENTS = 5;

struct Arguments {
  napi_env env;
  napi_value values[MOST_ARGUMENTS];

  Arguments(napi_env environment, napi_callback_info info) : env(environment) {
    size_t count = MOST_ARGUMENTS;
    napi_get_cb_info(env, info, &count, values, nullptr, nullptr);
  }
  std::string text(size_t index) const {
    char text[256] = "";
    napi_get_value_string_utf8(env, values[index], text, sizeof text, nullptr);
    return text;
  }
  int64_t number(size_t index) const {
    int64_t number = 0;
    napi_get_value_int64(env, values[index], &number);
    return number;
  }
};

napi_value undefined(napi_env env) {
  napi_value value;
  napi_get_undefined(env, &value);
  return value;
}

napi_value counters(napi_env env, napi_callback_info) {
  napi_value object, number;
  napi_create_object(env, &object);
  for (size_t i = 0; i < static_cast<size_t>(fake::Count::end); i++) {
    const auto count = static_cast<fake::Count>(i);
    napi_create_int32(env, fake::value(count), &number);
    napi_set_named_property(env, object, fake::nameOf(count), number);
  }
  return object;
}

napi_value violations(napi_env env, napi_callback_info) {
  napi_value array, text;
  napi_create_array(env, &array);
  uint32_t index = 0;
  for (const auto& rule : fake::takeViolations()) {
    napi_create_string_utf8(env, rule.data(), rule.size(), &text);
    napi_set_element(env, array, index++, text);
  }
  return array;
}

napi_value set(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info);
  const std::string name = arguments.text(0);
  if (!fake::set(name, static_cast<long>(arguments.number(1))))
    napi_throw_range_error(env, nullptr, ("fake: no setting is called \"" + name + "\"").c_str());
  return undefined(env);
}

napi_value inject(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info);
  fake::injectFault(arguments.text(0), {arguments.text(1), static_cast<long>(arguments.number(2))},
                    static_cast<int>(arguments.number(3)), static_cast<int>(arguments.number(4)));
  return undefined(env);
}

napi_value release(napi_env env, napi_callback_info info) {
  const int64_t milliseconds = Arguments(env, info).number(0);
  if (milliseconds == 0) {
    fake::releaseHeld();
  } else {
    std::thread([milliseconds] {
      std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
      fake::releaseHeld();
    }).detach();
  }
  return undefined(env);
}

napi_value reset(napi_env env, napi_callback_info) {
  fake::clearFaults();
  fake::releaseHeld();
  fake::resetSettings();
  return undefined(env);
}

napi_value publishedMethods(napi_env env, napi_callback_info) {
  napi_value object, text;
  napi_create_object(env, &object);
  for (const auto& [name, encoding] : fake::publishedMethods()) {
    napi_create_string_utf8(env, encoding.data(), encoding.size(), &text);
    napi_set_named_property(env, object, name.c_str(), text);
  }
  return object;
}

napi_value countFoundation(napi_env env, napi_callback_info) {
  fake::countFoundationObjects();
  return undefined(env);
}

napi_value foundationObjects(napi_env env, napi_callback_info) {
  napi_value object, number;
  napi_create_object(env, &object);
  for (const auto& [name, count] : fake::foundationObjects()) {
    napi_create_int32(env, count, &number);
    napi_set_named_property(env, object, name.c_str(), number);
  }
  return object;
}

void define(napi_env env, napi_value exports, const char* name, napi_callback callback) {
  napi_value function;
  napi_create_function(env, name, NAPI_AUTO_LENGTH, callback, nullptr, &function);
  napi_set_named_property(env, exports, name, function);
}

}  // namespace

NAPI_MODULE_INIT() {
  define(env, exports, "counters", counters);
  define(env, exports, "violations", violations);
  define(env, exports, "set", set);
  define(env, exports, "inject", inject);
  define(env, exports, "release", release);
  define(env, exports, "reset", reset);
  define(env, exports, "publishedMethods", publishedMethods);
  define(env, exports, "countFoundationObjects", countFoundation);
  define(env, exports, "foundationObjects", foundationObjects);
  return exports;
}
