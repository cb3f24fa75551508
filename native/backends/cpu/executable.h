#pragma once

#include <functional>
#include <memory>

#include "backends/cpu/engines/engines.h"

namespace mpsbench::cpu {

/** The engine that runs the ops of a dtype. */
using EngineOf = std::function<const Engine&(DType)>;

/** @throws Error `unsupported` if an op's engine lacks it, `out_of_memory`. */
std::unique_ptr<Executable> compile(Graph graph, const EngineOf& engineOf, KernelLevel level,
                                    const Facts& facts, std::uint64_t freeBytes);

}  // namespace mpsbench::cpu
