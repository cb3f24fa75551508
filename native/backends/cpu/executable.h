#pragma once

#include <memory>

#include "backends/cpu/engine.h"

namespace mpsbench::cpu {

/** @throws Error `unsupported` where the engine lacks an op, `out_of_memory`. */
std::unique_ptr<Executable> compile(Graph graph, const Engine& engine, int threads,
                                    std::uint64_t freeBytes);

}  // namespace mpsbench::cpu
