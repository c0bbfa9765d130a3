// NSTemporaryDirectory()/<hexId> as the framework sees it: the caller has put model.mil and the weights there before
// it asks for a compilation; the framework adds its own files and removes the whole when the model is unloaded.
#pragma once

#import <Foundation/Foundation.h>

#import "framework/model_descriptor.h"

namespace fake {

NSString *modelFolder(NSString *hexStringIdentifier);

// The first difference between the folder and the descriptor, such as "weights/w.bin is missing"; nil if there is
// none. Files that belong to neither are a difference too.
NSString *folderDefect(NSString *folder, FakeDescriptorState *descriptor);

// Writes net.plist and data. NO where the folder cannot be written.
BOOL saveFrameworkFiles(NSString *folder, FakeDescriptorState *descriptor);

}  // namespace fake
