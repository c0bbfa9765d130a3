#import "framework/model_descriptor.h"

#include <string>

#include "core/content_hash.h"
#include "core/ledger.h"
#import "framework/outcome.h"
#import "framework/publish.h"

@implementation FakeDescriptorState
- (void)dealloc {
  [networkText release];
  [weights release];
  [hexStringIdentifier release];
  fake::add(fake::Count::descriptors, -1);
  [super dealloc];
}
@end

namespace {

void checkWeights(NSDictionary *weights) {
  if (![weights isKindOfClass:[NSDictionary class]]) fake::refuse("modelWithMILText: the weights must be a dictionary");
  for (NSString *name in weights) {
    NSDictionary *entry = [weights objectForKey:name];
    if (![name isKindOfClass:[NSString class]] || ![name hasPrefix:@"@model_path/"])
      fake::refuse("modelWithMILText: a weight's name must begin with @model_path/");
    if (![entry isKindOfClass:[NSDictionary class]] || [entry count] != 2 ||
        ![[entry objectForKey:@"data"] isKindOfClass:[NSData class]] ||
        ![[entry objectForKey:@"offset"] isKindOfClass:[NSNumber class]])
      fake::refuse("modelWithMILText: a weight must be { offset: NSNumber, data: NSData }");
    // MIL's own offset names the place in the file; this one stays 0.
    if ([[entry objectForKey:@"offset"] unsignedLongLongValue] != 0)
      fake::refuse("modelWithMILText: the offset of a weight must be 0");
  }
}

void addData(fake::ContentHash &hash, NSData *data) { hash.add([data bytes], [data length]); }

NSString *identifier(NSData *text, NSDictionary *weights) {
  fake::ContentHash textHash, weightsHash, optionsHash;
  addData(textHash, text);
  for (NSString *name in [[weights allKeys] sortedArrayUsingSelector:@selector(compare:)])
    addData(weightsHash, [[weights objectForKey:name] objectForKey:@"data"]);
  const std::string hex = textHash.hex() + "_" + weightsHash.hex() + "_" + optionsHash.hex();
  return [NSString stringWithUTF8String:hex.c_str()];
}

}  // namespace

@interface FakeDescriptor : FakeDescriptorState
@end

@implementation FakeDescriptor

+ (void)load {
  fake::publishClass(self, "_ANEInMemoryModelDescriptor");
}

+ (id)modelWithMILText:(NSData *)text weights:(NSDictionary *)weights optionsPlist:(NSData *)plist {
  if (fake::returnsNothing("modelWithMILText")) return nil;
  if (![text isKindOfClass:[NSData class]]) fake::refuse("modelWithMILText: the text must be NSData");
  if (plist) fake::refuse("modelWithMILText: the fake knows no options plist");
  checkWeights(weights);
  FakeDescriptorState *descriptor = [[[self alloc] init] autorelease];
  fake::add(fake::Count::descriptors);
  descriptor->networkText = [text copy];
  descriptor->weights = [weights copy];
  descriptor->hexStringIdentifier = [identifier(text, weights) retain];
  return descriptor;
}

- (NSString *)hexStringIdentifier {
  return [[hexStringIdentifier retain] autorelease];
}

@end
