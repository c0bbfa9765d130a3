#import "framework/request.h"

#include "core/ledger.h"
#import "framework/outcome.h"
#import "framework/publish.h"
#import "framework/surface_object.h"

@implementation FakeRequestState
- (void)dealloc {
  [inputs release];
  [inputIndices release];
  [outputs release];
  [outputIndices release];
  [perfStatsArray release];
  [procedureIndex release];
  [perfStats release];
  fake::add(fake::Count::requests, -1);
  [super dealloc];
}
@end

namespace {

void expectArrayOf(Class elementClass, NSArray *array, const char *rule) {
  if (![array isKindOfClass:[NSArray class]]) fake::refuse(rule);
  for (id element in array) {
    if (![element isKindOfClass:elementClass]) fake::refuse(rule);
  }
}

}  // namespace

@interface FakeRequest : FakeRequestState
@end

@implementation FakeRequest

+ (void)load {
  fake::publishClass(self, "_ANERequest");
}

+ (id)requestWithInputs:(NSArray *)inputs
           inputIndices:(NSArray *)inputIndices
                outputs:(NSArray *)outputs
          outputIndices:(NSArray *)outputIndices
          weightsBuffer:(id)weightsBuffer
              perfStats:(NSArray *)perfStats
         procedureIndex:(NSNumber *)procedureIndex {
  if (fake::returnsNothing("requestWithInputs")) return nil;
  Class surfaceObject = [FakeSurfaceObjectState class];
  expectArrayOf(surfaceObject, inputs, "requestWithInputs: inputs must be _ANEIOSurfaceObjects");
  expectArrayOf(surfaceObject, outputs, "requestWithInputs: outputs must be _ANEIOSurfaceObjects");
  expectArrayOf([NSNumber class], inputIndices, "requestWithInputs: inputIndices must be NSNumbers");
  expectArrayOf([NSNumber class], outputIndices, "requestWithInputs: outputIndices must be NSNumbers");
  if (![procedureIndex isKindOfClass:[NSNumber class]])
    fake::refuse("requestWithInputs: procedureIndex must be an NSNumber");
  if (weightsBuffer) fake::refuse("requestWithInputs: weightsBuffer is ignored by the engine and must be nil");
  FakeRequestState *request = [[[self alloc] init] autorelease];
  fake::add(fake::Count::requests);
  request->inputs = [inputs retain];
  request->inputIndices = [inputIndices retain];
  request->outputs = [outputs retain];
  request->outputIndices = [outputIndices retain];
  request->perfStatsArray = [perfStats retain];
  request->procedureIndex = [procedureIndex retain];
  return request;
}

- (BOOL)validate {
  return fake::isValid(self);
}

- (id)perfStats {
  return [[perfStats retain] autorelease];
}

- (NSArray *)perfStatsArray {
  return perfStatsArray;
}

@end

namespace fake {

bool isValid(FakeRequestState *request) {
  const NSUInteger inputs = [request->inputs count], outputs = [request->outputs count];
  if (inputs == 0 || outputs == 0 || inputs > 255 || outputs > 255) return false;
  if (inputs != [request->inputIndices count] || outputs != [request->outputIndices count]) return false;
  for (NSNumber *index in request->inputIndices) {
    if ([index unsignedIntegerValue] >= 255) return false;
  }
  for (NSNumber *index in request->outputIndices) {
    if ([index unsignedIntegerValue] >= 255) return false;
  }
  if ([request->procedureIndex unsignedIntegerValue] > 128) return false;
  // The framework counts this and asks each element for its type: another object raises here, as it does there.
  for (NSUInteger i = 0; i < [request->perfStatsArray count]; i++) {
    if (![[request->perfStatsArray objectAtIndex:i] respondsToSelector:NSSelectorFromString(@"statType")]) return false;
  }
  return true;
}

}  // namespace fake
