#include "backends/metal/driver/objc_exceptions.h"

#import <Foundation/Foundation.h>

#include "backends/metal/driver/text.h"

// The only file with @try: elsewhere C++ exceptions are caught, and the GNU runtime cannot do both
// in one file.
namespace mpsbench::metal {

std::optional<Thrown> callCatching(void (*body)(void*), void* context) {
  std::optional<Thrown> thrown;
  @autoreleasepool {
    @try {
      body(context);
    } @catch (NSException* exception) {
      thrown = Thrown{text([exception name]), text([exception reason])};
    }
  }
  return thrown;
}

}  // namespace mpsbench::metal
