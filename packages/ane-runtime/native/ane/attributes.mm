// { ANEFModelDescription: {
//     kANEFModelInputSymbolsArrayKey: [name], kANEFModelOutputSymbolsArrayKey: ["name@output"],
//     ANEFModelProcedures: [{ ANEFModelInputSymbolIndexArray: [index], ANEFModelOutputSymbolIndexArray: [index] }] },
//   NetworkStatusList: [{ LiveInputList: [port], LiveOutputList: [port] }] }
// (ane-infer docs, tmc/apple, ane-bridge-rs)
// Kinds are told by the messages that an object answers, so that no class has to be linked.
#import "ane/attributes.h"

#import "ane/failure.h"

namespace ane {
namespace {

NSArray *arrayAt(id dictionary, NSString *key) {
  if (![dictionary respondsToSelector:@selector(objectForKey:)]) return nil;
  id value = [(NSDictionary *)dictionary objectForKey:key];
  return [value respondsToSelector:@selector(objectAtIndex:)] ? (NSArray *)value : nil;
}

id firstOf(NSArray *array) { return [array count] > 0 ? [array objectAtIndex:0] : nil; }

std::string textAt(NSDictionary *dictionary, NSString *key) {
  id value = [dictionary objectForKey:key];
  return [value respondsToSelector:@selector(UTF8String)] ? textOf(value) : "";
}

int64_t numberAt(NSDictionary *dictionary, NSString *key) {
  id value = [dictionary objectForKey:key];
  return [value respondsToSelector:@selector(longLongValue)] ? [(NSNumber *)value longLongValue] : 0;
}

LivePort livePort(NSDictionary *entry) {
  LivePort port;
  port.name = textAt(entry, @"Name");
  port.symbol = textAt(entry, @"Symbol");
  port.type = textAt(entry, @"Type");
  port.batches = numberAt(entry, @"Batches");
  port.channels = numberAt(entry, @"Channels");
  port.depth = numberAt(entry, @"Depth");
  port.height = numberAt(entry, @"Height");
  port.width = numberAt(entry, @"Width");
  port.interleave = numberAt(entry, @"Interleave");
  port.rowStride = numberAt(entry, @"RowStride");
  port.planeStride = numberAt(entry, @"PlaneStride");
  port.batchStride = numberAt(entry, @"BatchStride");
  return port;
}

PortTable portTable(NSArray *symbols, NSArray *indices, NSArray *live) {
  PortTable table;
  for (id symbol in symbols) table.symbols.push_back(textOf(symbol));
  for (id index in indices) {
    if ([index respondsToSelector:@selector(longLongValue)]) {
      table.indices.push_back(static_cast<uint32_t>([(NSNumber *)index longLongValue]));
    }
  }
  for (id entry in live) {
    if ([entry respondsToSelector:@selector(objectForKey:)]) table.live.push_back(livePort(entry));
  }
  return table;
}

}  // namespace

std::optional<ModelAttributes> readAttributes(NSDictionary *attributes) {
  if (![attributes respondsToSelector:@selector(objectForKey:)]) return std::nullopt;
  id description = [attributes objectForKey:@"ANEFModelDescription"];
  NSArray *inputs = arrayAt(description, @"kANEFModelInputSymbolsArrayKey");
  NSArray *outputs = arrayAt(description, @"kANEFModelOutputSymbolsArrayKey");
  if (!inputs || !outputs) return std::nullopt;
  id procedure = firstOf(arrayAt(description, @"ANEFModelProcedures"));
  id network = firstOf(arrayAt(attributes, @"NetworkStatusList"));
  ModelAttributes read;
  read.inputs = portTable(inputs, arrayAt(procedure, @"ANEFModelInputSymbolIndexArray"),
                          arrayAt(network, @"LiveInputList"));
  read.outputs = portTable(outputs, arrayAt(procedure, @"ANEFModelOutputSymbolIndexArray"),
                           arrayAt(network, @"LiveOutputList"));
  return read;
}

}  // namespace ane
