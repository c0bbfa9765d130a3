// What is used of the private framework, as protocols: a protocol makes the compiler check every selector and argument,
// but makes the linker want no class. The classes themselves are found by name after dlopen (framework.mm).
// A protocol `ANEFoo` holds instance methods of the class `_ANEFoo`, `ANEFooClass` its class methods.
// Source of all signatures: public class-dumps, macOS 15.4.1 (rrk567301/Runtime-Headers) and iOS 17.0
// (akariicafe/Runtime-Headers).
#pragma once

#import <Foundation/Foundation.h>
#import <IOSurface/IOSurfaceRef.h>

@protocol ANEInMemoryModelDescriptorClass
/// @param weights { "@model_path/weights/x.bin": { "offset": NSNumber, "data": NSData } }; empty, never nil
+ (id)modelWithMILText:(NSData *)text weights:(NSDictionary *)weights optionsPlist:(NSData *)plist;
@end

@protocol ANEInMemoryModelClass
+ (id)inMemoryModelWithDescriptor:(id)descriptor;
@end

@protocol ANEInMemoryModel <NSObject>
/// Name of the model's folder inside NSTemporaryDirectory(): a hash of text, weights and options.
- (NSString *)hexStringIdentifier;
/// Whether the system's cache has this program compiled.
- (BOOL)compiledModelExists;
/// Known after loading.
- (NSDictionary *)modelAttributes;
/// To be set before loading.
- (void)setPerfStatsMask:(unsigned int)mask;
- (BOOL)compileWithQoS:(unsigned int)qos options:(NSDictionary *)options error:(NSError **)error;
- (BOOL)loadWithQoS:(unsigned int)qos options:(NSDictionary *)options error:(NSError **)error;
- (BOOL)evaluateWithQoS:(unsigned int)qos options:(NSDictionary *)options request:(id)request error:(NSError **)error;
- (BOOL)unloadWithQoS:(unsigned int)qos error:(NSError **)error;
@end

@protocol ANERequestClass
+ (id)requestWithInputs:(NSArray *)inputs
           inputIndices:(NSArray *)inputIndices
                outputs:(NSArray *)outputs
          outputIndices:(NSArray *)outputIndices
          weightsBuffer:(id)weightsBuffer
              perfStats:(id)perfStats
         procedureIndex:(NSNumber *)procedureIndex;
@end

@protocol ANERequest <NSObject>
/// The statistics of the last evaluation, where the model had a mask for them; the request need not be made with any.
- (id)perfStats;
@end

@protocol ANEIOSurfaceObjectClass
+ (id)objectWithIOSurface:(IOSurfaceRef)surface;
@end

@protocol ANEPerformanceStatsClass
/// 0 for a mask with bits that the driver does not know.
+ (unsigned int)driverMaskForANEFMask:(unsigned int)mask;
@end

@protocol ANEPerformanceStats <NSObject>
/// Nanoseconds
- (unsigned long long)hwExecutionTime;
@end

@protocol ANEDeviceInfoClass
+ (BOOL)hasANE;
+ (BOOL)isVirtualMachine;
+ (unsigned int)numANEs;
+ (unsigned int)numANECores;
/// Such as "h16g"
+ (NSString *)aneArchitectureType;
+ (NSString *)buildVersion;
@end
