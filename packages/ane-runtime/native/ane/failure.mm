#import "ane/failure.h"

namespace ane {

// No variadic message here or anywhere: `stringWithFormat:` has a calling convention of its own on arm64.
std::string textOf(id object) {
  const char* text = [[object description] UTF8String];
  return text ? text : "";
}

bool fail(Failure* failure, const char* step, std::string reason) {
  *failure = Failure{};
  failure->step = step;
  failure->reason = std::move(reason);
  return false;
}

bool failWithError(Failure* failure, const char* step, NSError *error, const char* reasonWithoutError) {
  if (!error) return fail(failure, step, reasonWithoutError);
  fail(failure, step, textOf([error localizedDescription]));
  failure->domain = textOf([error domain]);
  failure->code = [error code];
  NSDictionary *userInfo = [error userInfo];
  for (id key in userInfo) {
    failure->details += textOf(key) + ": " + textOf([userInfo objectForKey:key]) + "\n";
  }
  return false;
}

// `@catch (id)` and the question for `reason` stand for `@catch (NSException *)`, which would import the exception
// type of the class and depend on the library that it lives in.
bool failWithThrown(Failure* failure, const char* step, id thrown) {
  if (![thrown respondsToSelector:@selector(reason)]) return fail(failure, step, textOf(thrown));
  fail(failure, step, textOf([(NSException *)thrown reason]));
  failure->exception = textOf([(NSException *)thrown name]);
  return false;
}

}  // namespace ane
