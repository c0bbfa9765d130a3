#import "framework/model_attributes.h"

namespace fake {
namespace {

NSString *text(const std::string &value) { return [NSString stringWithUTF8String:value.c_str()]; }

NSNumber *number(size_t value) { return [NSNumber numberWithUnsignedLong:value]; }

// Outputs are called "out@output".
NSString *symbol(const ProgramPort &port, const char *suffix) { return text(port.name + suffix); }

NSArray *symbols(const std::vector<ProgramPort> &ports, const char *suffix) {
  NSMutableArray *names = [NSMutableArray array];
  for (const auto &port : ports) [names addObject:symbol(port, suffix)];
  return names;
}

NSArray *indices(size_t count) {
  NSMutableArray *numbers = [NSMutableArray array];
  for (size_t i = 0; i < count; i++) [numbers addObject:number(i)];
  return numbers;
}

NSArray *zeros(size_t count) {
  NSMutableArray *numbers = [NSMutableArray array];
  for (size_t i = 0; i < count; i++) [numbers addObject:number(0)];
  return numbers;
}

NSDictionary *livePort(const ProgramPort &port, const char *suffix) {
  NSString *name = symbol(port, suffix);
  return [NSDictionary
      dictionaryWithObjectsAndKeys:name, @"Name", name, @"Symbol", text(port.type), @"Type",
                                   number(port.batches), @"Batches", number(port.channels), @"Channels",
                                   number(1), @"Depth", number(port.height), @"Height", number(port.width), @"Width",
                                   number(1), @"Interleave", number(port.channels), @"PlaneCount",
                                   number(port.rowStride), @"RowStride", number(port.planeStride), @"PlaneStride",
                                   number(port.batchStride), @"BatchStride",
                                   number(port.batchStride), @"DepthStride", nil];
}

// Not in the order of the symbols, which nothing promises.
NSArray *livePorts(const std::vector<ProgramPort> &ports, const char *suffix) {
  NSMutableArray *list = [NSMutableArray array];
  for (const auto &port : ports) [list insertObject:livePort(port, suffix) atIndex:0];
  return list;
}

}  // namespace

NSDictionary *modelAttributes(const Program &program) {
  const size_t inputs = program.inputs.size(), outputs = program.outputs.size();
  NSDictionary *procedure = [NSDictionary
      dictionaryWithObjectsAndKeys:indices(inputs), @"ANEFModelInputSymbolIndexArray",
                                   indices(outputs), @"ANEFModelOutputSymbolIndexArray",
                                   number(0), @"ANEFModelProcedureID", nil];
  NSDictionary *description = [NSDictionary
      dictionaryWithObjectsAndKeys:[NSArray arrayWithObject:procedure], @"ANEFModelProcedures",
                                   symbols(program.inputs, ""), @"kANEFModelInputSymbolsArrayKey",
                                   symbols(program.outputs, "@output"), @"kANEFModelOutputSymbolsArrayKey",
                                   [NSDictionary dictionaryWithObject:number(0) forKey:@"main"],
                                   @"kANEFModelProcedureNameToIDMapKey",
                                   zeros(inputs), @"ANEFModelInput16KAlignmentArray",
                                   zeros(outputs), @"ANEFModelOutput16KAlignmentArray", nil];
  NSDictionary *status = [NSDictionary
      dictionaryWithObjectsAndKeys:livePorts(program.inputs, ""), @"LiveInputList",
                                   livePorts(program.outputs, "@output"), @"LiveOutputList", nil];
  return [NSDictionary dictionaryWithObjectsAndKeys:description, @"ANEFModelDescription",
                                                    [NSArray arrayWithObject:status], @"NetworkStatusList", nil];
}

}  // namespace fake
