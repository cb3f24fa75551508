#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/dtype.h"

namespace mpsbench::metal {

/** The advice where a kernel of our own is at fault. */
inline constexpr const char* kReportKernel = "Please report it with the version of macOS.";

/** Macros of a specialisation: names and values. */
using Macros = std::vector<std::pair<std::string, std::string>>;

/** The type that kernels keep values of this dtype in: bf16 as its bits. @throws Error
 * `unsupported` for f64 */
const char* metalType(DType dtype);

/**
 * The source of a kernel file as Metal compiles it: macros first, then the text with the headers
 * that it includes.
 * @throws Error `internal` for a file that does not exist
 */
std::string kernelSource(std::string_view file, const Macros& macros);

}  // namespace mpsbench::metal
