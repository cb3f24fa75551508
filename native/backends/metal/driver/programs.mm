#include "backends/metal/driver/programs.h"

#include <algorithm>

#include "backends/metal/driver/kernel_files.h"
#include "backends/metal/driver/text.h"
#include "core/error.h"

namespace mpsbench::metal {

namespace {

constexpr const char* kReport = "Please report it with the version of macOS.";

const char* textOf(std::string_view name) {
  const auto& files = kernelFiles();
  const auto found =
      std::find_if(files.begin(), files.end(), [&](const auto& file) { return file.name == name; });
  if (found == files.end()) {
    throw Error(ErrorCode::internal, "There is no kernel file '" + std::string(name) + "'.",
                kReport);
  }
  return found->text;
}

/** The text with every `#include "NAME"` replaced by that file: Metal finds no headers of ours. */
std::string expanded(std::string_view name) {
  constexpr std::string_view kInclude = "#include \"";
  std::string text = textOf(name);
  for (std::size_t at = 0; (at = text.find(kInclude, at)) != std::string::npos;) {
    const std::size_t nameAt = at + kInclude.size();
    const std::size_t end = text.find('"', nameAt);
    text.replace(at, end + 1 - at, expanded(text.substr(nameAt, end - nameAt)));
  }
  return text;
}

}  // namespace

const char* metalType(DType dtype) {
  switch (dtype) {
    case DType::f32:
      return "float";
    case DType::f16:
      return "half";
    case DType::bf16:
      return "bf16_bits";
    case DType::f64:
      break;
  }
  throw Error(ErrorCode::unsupported, "Metal has no f64.", "Choose another --dtype.");
}

std::string kernelSource(std::string_view file, const Macros& macros) {
  std::string source;
  for (const auto& [name, value] : macros) source += "#define " + name + " " + value + "\n";
  return source + expanded(file);
}

Owned<id<MTLLibrary>> Programs::compile(const std::string& source) const {
  const auto options = Owned<MTLCompileOptions*>::adopt([MTLCompileOptions new]);
  // The MSL of macOS 13, the oldest that the backend supports.
  [options.get() setLanguageVersion:MTLLanguageVersion3_0];
  // f32 results keep f32's precision.
  [options.get() setFastMathEnabled:NO];
  NSError* error = nil;
  auto library =
      Owned<id<MTLLibrary>>::adopt([device_.get() newLibraryWithSource:nsString(source)
                                                               options:options.get()
                                                                 error:&error]);
  if (library) return library;
  throw Error(ErrorCode::unsupported,
              "A Metal kernel does not compile: " + text([error localizedDescription]), kReport);
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
    throw Error(ErrorCode::internal, "There is no kernel '" + entry + "'.", kReport);
  }
  NSError* error = nil;
  kernel =
      Kernel::adopt([device_.get() newComputePipelineStateWithFunction:function.get() error:&error]);
  if (!kernel) {
    throw Error(ErrorCode::unsupported,
                "Metal made no pipeline of '" + entry + "': " + text([error localizedDescription]),
                kReport);
  }
  return kernel;
}

}  // namespace mpsbench::metal
