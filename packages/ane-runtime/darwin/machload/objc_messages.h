// objc_msgSend for images. A method of GNUstep or of the fake runs under @try, and an NSException that leaves it
// becomes an exception of the image's own kind (objc_exceptions.h).
#pragma once

namespace machload {

void* messageSendEntry();

}  // namespace machload
