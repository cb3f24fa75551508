#pragma once

#include <vector>

#include "backends/cpu/libraries/onednn_compat.h"
#include "backends/cpu/lowering.h"

namespace mpsbench::cpu::onednn {

/** The CPU as an oneDNN engine with one stream, made at the first call. */
struct Context {
  dnnl::engine engine;
  dnnl::stream stream;
};
Context& context();

/** `oneDNN 2.6.3`: the version that is loaded, not the one of the headers. */
std::string versionName();

dnnl::memory::data_type dataType(DType dtype);

/** Attributes whose scratchpad is ours: oneDNN allocates nothing when it runs. */
dnnl::primitive_attr attributes(const dnnl::post_ops& ops = {});

/**
 * A primitive with its arguments bound. The C interface runs it: the C++ one builds a list of
 * arguments on the heap at every call.
 */
class BoundPrimitive {
 public:
  BoundPrimitive(const dnnl::primitive& primitive,
                 const std::vector<std::pair<int, dnnl::memory>>& args);
  /** @throws Error `internal` with oneDNN's status. */
  void operator()() const;

 private:
  dnnl::primitive primitive_;
  std::vector<dnnl::memory> memories_;
  std::vector<dnnl_exec_arg_t> args_;
};

/** Zeroed memory of the layout `desc`, for as long as the executable lives. */
dnnl::memory allocate(Lowering& lowering, const dnnl::memory::desc& desc);

/**
 * The tensor in the layout that a primitive wants: its own storage where that is `plain`, else a
 * copy that is made when the host writes the tensor (a weight). `steps` gets the copy that must be
 * made in every iteration if the tensor is not a weight.
 */
dnnl::memory inLayout(Lowering& lowering, TensorIndex tensor, const dnnl::memory::desc& plain,
                      const dnnl::memory::desc& wanted, std::vector<BoundPrimitive>& steps);

/** Whether `tensor` may be kept in a layout of oneDNN's choice at no cost in an iteration. */
bool isPackable(const Lowering& lowering, TensorIndex tensor);

}  // namespace mpsbench::cpu::onednn
