// libIOReport as far as the energy meter uses it: one group of channels that count up from sample to sample.
// Functions named Copy or Create return a reference that the caller must release; the others do not.
#import <Foundation/Foundation.h>

#include <atomic>

#include "core/faults.h"
#include "core/ledger.h"

namespace {

struct Channel {
  NSString *name, *unit;
  // Counted from one sample to the next.
  long long step;
};

const Channel CHANNELS[] = {
    {@"ANE", @"mJ", 250}, {@"CPU Energy", @"mJ", 4000}, {@"GPU Energy", @"nJ", 1500000000}, {@"DRAM Bytes", @"B", 77},
};

NSString *const GROUP = @"Energy Model";

void expectClass(id object, Class expected, const char *rule) {
  if (![object isKindOfClass:expected]) fake::violation(rule);
}

NSMutableDictionary *makeChannels(long long samples) {
  NSMutableArray *channels = [NSMutableArray array];
  for (const Channel &channel : CHANNELS) {
    [channels addObject:[NSDictionary dictionaryWithObjectsAndKeys:channel.name, @"name", channel.unit, @"unit",
                                                                   [NSNumber numberWithLongLong:samples * channel.step],
                                                                   @"value", nil]];
  }
  return [NSMutableDictionary dictionaryWithObject:channels forKey:@"IOReportChannels"];
}

long long valueOf(NSDictionary *channel) { return [[channel objectForKey:@"value"] longLongValue]; }

std::atomic<long long> samples{0};

}  // namespace

// A subscription, counted.
@interface FakeReportSubscription : NSObject
@end
@implementation FakeReportSubscription
- (void)dealloc {
  fake::add(fake::Count::ioReportObjects, -1);
  [super dealloc];
}
@end

extern "C" {

NSMutableDictionary *IOReportCopyChannelsInGroup(NSString *group, NSString *subgroup, uint64_t, uint64_t, uint64_t) {
  if (fake::takeFault("IOReportCopyChannelsInGroup")) return nil;
  if (![group isEqualToString:GROUP] || subgroup) return nil;
  return [makeChannels(0) retain];
}

id IOReportCreateSubscription(void *, NSMutableDictionary *wanted, NSMutableDictionary **subscribed, uint64_t, id) {
  if (fake::takeFault("IOReportCreateSubscription")) return nil;
  expectClass(wanted, [NSMutableDictionary class], "IOReportCreateSubscription: the channels must be mutable");
  *subscribed = [wanted mutableCopy];
  fake::add(fake::Count::ioReportObjects);
  return [[FakeReportSubscription alloc] init];
}

NSDictionary *IOReportCreateSamples(id subscription, NSMutableDictionary *subscribed, id) {
  if (fake::takeFault("IOReportCreateSamples")) return nil;
  expectClass(subscription, [FakeReportSubscription class], "IOReportCreateSamples: that is no subscription");
  expectClass(subscribed, [NSMutableDictionary class], "IOReportCreateSamples: the channels must be mutable");
  return [makeChannels(++samples) retain];
}

NSDictionary *IOReportCreateSamplesDelta(NSDictionary *before, NSDictionary *after, id) {
  if (fake::takeFault("IOReportCreateSamplesDelta")) return nil;
  NSArray *first = [before objectForKey:@"IOReportChannels"];
  NSArray *last = [after objectForKey:@"IOReportChannels"];
  NSMutableArray *changes = [NSMutableArray array];
  for (NSUInteger i = 0; i < [last count]; i++) {
    NSMutableDictionary *change = [[[last objectAtIndex:i] mutableCopy] autorelease];
    const long long value = valueOf(change) - valueOf([first objectAtIndex:i]);
    [change setObject:[NSNumber numberWithLongLong:value] forKey:@"value"];
    [changes addObject:change];
  }
  return [[NSDictionary alloc] initWithObjectsAndKeys:changes, @"IOReportChannels", nil];
}

NSString *IOReportChannelGetChannelName(NSDictionary *channel) { return [channel objectForKey:@"name"]; }

NSString *IOReportChannelGetUnitLabel(NSDictionary *channel) { return [channel objectForKey:@"unit"]; }

int64_t IOReportSimpleGetIntegerValue(NSDictionary *channel, int32_t) { return valueOf(channel); }
}
