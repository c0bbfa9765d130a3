// _ANEInMemoryModelDescriptor: a program and its weights, and the identifier made of them.
#pragma once

#import <Foundation/Foundation.h>

@interface FakeDescriptorState : NSObject {
 @public
  NSData *networkText;
  // { "@model_path/weights/x.bin": { "offset": NSNumber, "data": NSData } }
  NSDictionary *weights;
  NSString *hexStringIdentifier;
}
@end
