#import "framework/model_folder.h"

namespace fake {
namespace {

NSString *const PREFIX = @"@model_path/";

NSString *difference(NSString *folder, NSString *name, NSData *expected) {
  NSData *actual = [NSData dataWithContentsOfFile:[folder stringByAppendingPathComponent:name]];
  if (!actual) return [NSString stringWithFormat:@"%@ is missing", name];
  if ([actual isEqualToData:expected]) return nil;
  return [NSString stringWithFormat:@"%@ is not what the descriptor holds", name];
}

}  // namespace

NSString *modelFolder(NSString *hexStringIdentifier) {
  return [NSTemporaryDirectory() stringByAppendingPathComponent:hexStringIdentifier];
}

NSString *folderDefect(NSString *folder, FakeDescriptorState *descriptor) {
  NSMutableSet *known = [NSMutableSet setWithObjects:@"model.mil", @"net.plist", @"data", nil];
  if (NSString *defect = difference(folder, @"model.mil", descriptor->networkText)) return defect;
  for (NSString *path in descriptor->weights) {
    NSString *name = [path substringFromIndex:[PREFIX length]];
    NSData *data = [[descriptor->weights objectForKey:path] objectForKey:@"data"];
    if (NSString *defect = difference(folder, name, data)) return defect;
    [known addObject:name];
  }
  NSFileManager *files = [NSFileManager defaultManager];
  for (NSString *name in [files subpathsAtPath:folder]) {
    BOOL isFolder = NO;
    [files fileExistsAtPath:[folder stringByAppendingPathComponent:name] isDirectory:&isFolder];
    if (!isFolder && ![known containsObject:name]) return [NSString stringWithFormat:@"%@ does not belong there", name];
  }
  return nil;
}

BOOL saveFrameworkFiles(NSString *folder, FakeDescriptorState *descriptor) {
  NSFileManager *files = [NSFileManager defaultManager];
  if (![files createDirectoryAtPath:folder withIntermediateDirectories:YES attributes:nil error:NULL]) return NO;
  NSString *program = [folder stringByAppendingPathComponent:@"net.plist"];
  if (![descriptor->networkText writeToFile:program atomically:YES]) return NO;
  for (NSString *path in descriptor->weights) {
    NSData *data = [[descriptor->weights objectForKey:path] objectForKey:@"data"];
    if (![data writeToFile:[folder stringByAppendingPathComponent:@"data"] atomically:YES]) return NO;
  }
  return YES;
}

}  // namespace fake
