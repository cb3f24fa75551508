#include "backends/metal/driver/programs.h"

#include "backends/metal/driver/text.h"
#include "core/error.h"

namespace mpsbench::metal {

Owned<id<MTLLibrary>> Programs::compile(const std::string& source) const {
  const auto options = Owned<MTLCompileOptions*>::adopt([MTLCompileOptions new]);
  // The MSL of macOS 13, the oldest that the backend supports.
  [options.get() setLanguageVersion:MTLLanguageVersion3_0];
  // f32 results keep f32's precision.
  [options.get() setFastMathEnabled:NO];
  NSError* error = nil;
  auto library = Owned<id<MTLLibrary>>::adopt([device_.get() newLibraryWithSource:nsString(source)
                                                                          options:options.get()
                                                                            error:&error]);
  if (library) return library;
  throw Error(ErrorCode::unsupported,
              "A Metal kernel does not compile: " + text([error localizedDescription]),
              kReportKernel);
}

Kernel Programs::kernel(std::string_view file, const Macros& macros, const std::string& entry) {
  const std::string source = kernelSource(file, macros);
  Kernel& kernel = kernels_[{source, entry}];
  if (kernel) return kernel;
  auto& library = libraries_[source];
  if (!library) library = compile(source);
  const auto function =
      Owned<id<MTLFunction>>::adopt([library.get() newFunctionWithName:nsString(entry)]);
  if (!function) {
    throw Error(ErrorCode::internal, "There is no kernel '" + entry + "'.", kReportKernel);
  }
  NSError* error = nil;
  kernel = Kernel::adopt([device_.get() newComputePipelineStateWithFunction:function.get()
                                                                      error:&error]);
  if (!kernel) {
    throw Error(ErrorCode::unsupported,
                "Metal made no pipeline of '" + entry + "': " + text([error localizedDescription]),
                kReportKernel);
  }
  return kernel;
}

}  // namespace mpsbench::metal
