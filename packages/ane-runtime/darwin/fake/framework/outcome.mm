#import "framework/outcome.h"

#include <cstring>
#include <string>

#include "core/faults.h"
#include "core/ledger.h"

namespace fake {

NSString *const GENERIC_DOMAIN = @"com.apple.appleneuralengine";
NSString *const COMPILER_DOMAIN = @"com.apple.appleneuralengine.compiler";

namespace {

void raiseIfThrown(const Fault &fault, const char *place) {
  if (fault.kind != "throw") return;
  NSString *reason = [NSString stringWithFormat:@"injected at %s", place];
  @throw [NSException exceptionWithName:@"FakeFrameworkException" reason:reason userInfo:nil];
}

}  // namespace

bool returnsNothing(const char *place) {
  const auto fault = takeFault(place);
  if (!fault) return false;
  raiseIfThrown(*fault, place);
  return true;
}

bool fails(const char *place, NSError **error) {
  const auto fault = takeFault(place);
  if (!fault) return false;
  raiseIfThrown(*fault, place);
  if (fault->kind == "no") return true;
  if (std::strcmp(place, "evaluateWithQoS") == 0) reportStatus(error, fault->code);
  else if (std::strcmp(place, "compileWithQoS") == 0)
    report(error, COMPILER_DOMAIN, fault->code, @"_ANECompiler : ANECCompile() FAILED");
  else report(error, GENERIC_DOMAIN, fault->code, [NSString stringWithFormat:@"%s: injected failure", place]);
  return fault->kind != "yes";
}

void report(NSError **error, NSString *domain, NSInteger code, NSString *description) {
  if (!error) return;
  NSDictionary *info = [NSDictionary dictionaryWithObject:description forKey:NSLocalizedDescriptionKey];
  *error = [NSError errorWithDomain:domain code:code userInfo:info];
}

void reportStatus(NSError **error, long status) {
  NSString *meaning = @"Program Inference error";
  NSInteger code = 8;
  if (status == 14) {
    meaning = @"Program not found";
    code = 11;
  } else if (status == 15) {
    meaning = @"Program Inference timeout";
    code = 10;
  }
  report(error, GENERIC_DOMAIN, code,
         [NSString stringWithFormat:@"processRequest:model:qos:qIndex:modelStringID:options:returnValue:error:: "
                                    @"ANEProgramProcessRequestDirect() Failed with status=0x%lx : statusType=0x9: %@",
                                    status, meaning]);
}

void refuse(const char *rule) {
  violation(rule);
  @throw [NSException exceptionWithName:NSInvalidArgumentException
                                 reason:[NSString stringWithUTF8String:rule]
                               userInfo:nil];
}

void checkQoSAndOptions(const char *method, unsigned qos, NSDictionary *options) {
  if (qos > 63) violation(std::string(method) + ": the QoS must be 0 to 63, got " + std::to_string(qos));
  if (![options isKindOfClass:[NSDictionary class]])
    violation(std::string(method) + ": the options must be a dictionary");
}

}  // namespace fake
