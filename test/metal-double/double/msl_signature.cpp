#include "double/msl_signature.h"

#include <array>
#include <cstdlib>
#include <optional>
#include <regex>

namespace metal_double {

namespace {

/** Attributes of parameters and the argument that each stands for. */
struct Attribute {
  const char* name;
  const char* kind;
};
constexpr Attribute kAttributes[] = {
    {"buffer", "buffer"},
    {"threadgroup", "groupMemory"},
    {"thread_position_in_grid", "positionInGrid"},
    {"thread_position_in_threadgroup", "positionInGroup"},
    {"threadgroup_position_in_grid", "groupInGrid"},
    {"threadgroups_per_grid", "groups"},
    {"threads_per_threadgroup", "threadsPerGroup"},
    {"thread_index_in_threadgroup", "indexInGroup"},
    {"thread_index_in_simdgroup", "lane"},
    {"simdgroup_index_in_threadgroup", "simdgroup"},
    {"simdgroups_per_threadgroup", "simdgroups"},
};

/** Words of C++ that MSL has not, and types that came after MSL 3.0. */
constexpr const char* kUnknownToMsl[] = {
    "double",   "long long", "new",          "delete",       "virtual",   "goto",
    "try",      "throw",     "thread_local", "dynamic_cast", "typeid",    "std",
    "noexcept", "bfloat",    "static",       "asm",          "__float128"};

/** Comments as blanks, so that lines stay where they are. */
std::string withoutComments(std::string_view source) {
  std::string plain(source);
  for (std::size_t i = 0; i + 1 < plain.size(); ++i) {
    if (plain[i] != '/' || (plain[i + 1] != '/' && plain[i + 1] != '*')) continue;
    const bool isLine = plain[i + 1] == '/';
    const std::size_t end = plain.find(isLine ? "\n" : "*/", i + 2);
    const std::size_t after = end == std::string::npos ? plain.size() : end + (isLine ? 0 : 2);
    for (; i < after; ++i) {
      if (plain[i] != '\n') plain[i] = ' ';
    }
    --i;
  }
  return plain;
}

std::string forbidden(const std::string& code) {
  for (const char* word : kUnknownToMsl) {
    if (std::regex_search(
            code, std::regex(std::string("(^|[^A-Za-z0-9_])") + word + "($|[^A-Za-z0-9_])"))) {
      return std::string("MSL 3.0 has no '") + word + "'.";
    }
  }
  // A capture list after what cannot be indexed. Attributes are gone by now.
  if (std::regex_search(code, std::regex(R"([=(,{;]\s*\[[=&\w\s,]*\]\s*\()"))) {
    return "MSL 3.0 has no lambda expressions.";
  }
  return "";
}

std::optional<MslParameter> parameterOf(const std::string& attribute) {
  static const std::regex pattern(R"(^\s*(\w+)\s*(?:\(\s*(\d+)\s*\))?\s*$)");
  std::smatch found;
  if (!std::regex_match(attribute, found, pattern)) return std::nullopt;
  for (const auto& [name, kind] : kAttributes) {
    if (found[1] != name) continue;
    return MslParameter{kind, found[2].matched ? static_cast<unsigned>(std::strtoul(
                                                     found[2].str().c_str(), nullptr, 10))
                                               : 0U};
  }
  return std::nullopt;
}

/** The attributes of the parameter list that begins at `from`, which is behind its bracket. */
std::string readParameters(const std::string& code, std::size_t from, MslKernelSignature& kernel) {
  std::size_t depth = 1;
  for (std::size_t i = from; i < code.size() && depth > 0; ++i) {
    if (code[i] == '(') ++depth;
    if (code[i] == ')') --depth;
    if (code.compare(i, 2, "[[") != 0) continue;
    const std::size_t end = code.find("]]", i);
    const std::string attribute = code.substr(i + 2, end - i - 2);
    const auto parameter = parameterOf(attribute);
    if (!parameter) return "The double does not know the attribute '" + attribute + "'.";
    kernel.parameters.push_back(*parameter);
    i = end + 1;
  }
  return "";
}

}  // namespace

MslText readMsl(std::string_view source) {
  MslText text;
  const std::string code = withoutComments(source);
  static const std::regex kernel(
      R"((?:\[\[\s*max_total_threads_per_threadgroup\s*\(([^\]]*)\)\s*\]\]\s*)?\bkernel\s+void\s+(\w+)\s*\()");
  for (auto at = std::sregex_iterator(code.begin(), code.end(), kernel);
       at != std::sregex_iterator(); ++at) {
    MslKernelSignature found;
    found.maxThreads = (*at)[1].str();
    found.name = (*at)[2].str();
    text.error =
        readParameters(code, static_cast<std::size_t>(at->position() + at->length()), found);
    if (!text.error.empty()) return text;
    text.kernels.push_back(std::move(found));
  }
  static const std::regex attribute(R"(\[\[[^\]]*\]\])");
  text.plain = std::regex_replace(code, attribute, "");
  text.error = forbidden(text.plain);
  return text;
}

}  // namespace metal_double
