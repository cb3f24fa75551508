#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/graph.h"
#include "msl_cuda/program.h"

namespace mpsbench::msl_cuda {

/** A graph's tensors on the GPU. A state has two buffers, of which an iteration reads one and
 * writes the other. */
class Tensors {
 public:
  Tensors(const Graph& graph, cuda::Context& context);

  [[nodiscard]] cuda::CUdeviceptr read(TensorIndex tensor) const {
    return read_[tensor]->address();
  }
  [[nodiscard]] cuda::CUdeviceptr written(TensorIndex tensor) const {
    return written_[tensor]->address();
  }
  /** Memory of a candidate's own, as long as the tensors live. */
  cuda::CUdeviceptr scratch(std::size_t bytes);

  /** Every byte 0xff, not a number in every dtype, then the values that the host writes, rounded.
   */
  void write(TensorIndex tensor, const std::vector<double>& values) const;
  void poison() const;
  /** The first `count` values from `first` on of what an iteration has written. */
  [[nodiscard]] std::vector<double> values(TensorIndex tensor, std::size_t first,
                                           std::size_t count) const;
  [[nodiscard]] std::vector<double> values(TensorIndex tensor) const {
    return values(tensor, 0, graph_.tensors[tensor].elements());
  }

 private:
  const Graph& graph_;
  cuda::Context& context_;
  cuda::Memory memory_;
  std::vector<std::shared_ptr<cuda::DeviceBuffer>> read_;
  std::vector<std::shared_ptr<cuda::DeviceBuffer>> written_;
  std::vector<std::shared_ptr<cuda::DeviceBuffer>> scratch_;
};

/** One way of the Metal backend to run a graph. */
struct Candidate {
  std::string name;
  std::vector<cuda::Launch> prepare = {};
  std::vector<cuda::Launch> run = {};
  /** Iterations of one run. */
  int iterations = 1;
};

/** The calls of a graph, for a look at their sources without a GPU. */
std::vector<metal::KernelCall> callsOf(const Graph& graph);

/** Every candidate of our own that the Metal backend has for the graph, at least one. */
std::vector<Candidate> candidatesOf(const Graph& graph, Programs& programs, Tensors& tensors,
                                    int iterations);

}  // namespace mpsbench::msl_cuda
