#include "backends/metal/driver/kernel_source.h"

#include <algorithm>

#include "backends/metal/driver/kernel_files.h"
#include "core/error.h"

namespace mpsbench::metal {

namespace {

const char* textOf(std::string_view name) {
  const auto& files = kernelFiles();
  const auto found =
      std::find_if(files.begin(), files.end(), [&](const auto& file) { return file.name == name; });
  if (found == files.end()) {
    throw Error(ErrorCode::internal, "There is no kernel file '" + std::string(name) + "'.",
                kReportKernel);
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

}  // namespace mpsbench::metal
