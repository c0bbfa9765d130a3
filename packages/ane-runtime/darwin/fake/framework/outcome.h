// What a method of the framework does when a fault was injected at it, and the framework's NSErrors.
#pragma once

#import <Foundation/Foundation.h>

namespace fake {

// For methods that return an object: true if they must return nil. May raise.
bool returnsNothing(const char *place);

// For methods that return BOOL and an NSError: true if they must return NO; *error is then what they report. May raise.
bool fails(const char *place, NSError **error);

// The error of `domain` with `description` as its NSLocalizedDescription. Does nothing where the caller wants no error.
void report(NSError **error, NSString *domain, NSInteger code, NSString *description);

// As _ANEProgramForEvaluation words a status of the driver (14: program not found, 15: timeout, else inference error).
void reportStatus(NSError **error, long status);

extern NSString *const GENERIC_DOMAIN;
extern NSString *const COMPILER_DOMAIN;

// Records the violation and raises NSInvalidArgumentException.
[[noreturn]] void refuse(const char *rule);

// Checks what all calls with a QoS have in common.
void checkQoSAndOptions(const char *method, unsigned qos, NSDictionary *options);

}  // namespace fake
