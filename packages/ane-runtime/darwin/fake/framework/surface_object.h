// _ANEIOSurfaceObject: a surface as an argument of a request.
#pragma once

#import <IOSurface/IOSurfaceRef.h>
#import <Foundation/Foundation.h>

@interface FakeSurfaceObjectState : NSObject {
 @public
  IOSurfaceRef surface;
}
@end
