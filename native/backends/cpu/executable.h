#pragma once

#include <functional>
#include <memory>

#include "backends/cpu/engine.h"

namespace mpsbench::cpu {

/** The engine that runs the ops of a dtype. */
using EngineOf = std::function<Engine(DType)>;

/** @throws Error `unsupported` where an op's engine lacks it, `out_of_memory`. */
std::unique_ptr<Executable> compile(Graph graph, const EngineOf& engineOf, int threads,
                                    std::uint64_t freeBytes);

}  // namespace mpsbench::cpu
