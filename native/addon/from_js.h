#pragma once

#include <napi.h>

#include "core/backend.h"

/** JavaScript values -> C++ values. All throw Error `internal` for a value of the wrong form. */
namespace mpsbench::addon {

Backend& backendFromJs(const Napi::Value& id);
BackendOptions optionsFromJs(const Napi::Value& value);
DType dtypeFromJs(const Napi::Value& value);
OpSpec opSpecFromJs(const Napi::Value& value);
/** The graph, validated. */
Graph graphFromJs(const Napi::Value& value);
std::string stringFromJs(const Napi::Value& value, const char* what);
/** A view of a Float32Array or Float64Array; valid while JavaScript does not run. */
HostView hostViewFromJs(const Napi::Value& value);
RunMode runModeFromJs(const Napi::Value& value);
/** A whole number of at least 1. */
std::int64_t iterationsFromJs(const Napi::Value& value);

/** An array of process ids. */
std::vector<int> cpusFromJs(const Napi::Value& value);
std::vector<std::uint32_t> processIdsFromJs(const Napi::Value& value);

}  // namespace mpsbench::addon
