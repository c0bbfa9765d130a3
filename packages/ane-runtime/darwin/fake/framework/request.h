// _ANERequest: which surfaces an evaluation reads and writes, by symbol index.
#pragma once

#import <Foundation/Foundation.h>

@interface FakeRequestState : NSObject {
 @public
  NSArray *inputs, *inputIndices, *outputs, *outputIndices;
  NSArray *perfStatsArray;
  NSNumber *procedureIndex;
  // Set by an evaluation.
  id perfStats;
}
@end

namespace fake {

// What -[_ANERequest validate] answers.
bool isValid(FakeRequestState *request);

}  // namespace fake
