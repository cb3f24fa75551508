#include "backends/cpu/libraries/onednn.h"

#include "core/error.h"

namespace mpsbench::cpu::onednn {

Context& context() {
  static Context shared = [] {
    const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
    return Context{engine, dnnl::stream(engine)};
  }();
  return shared;
}

std::string versionName() {
  const dnnl_version_t* version = dnnl_version();
  return "oneDNN " + std::to_string(version->major) + "." + std::to_string(version->minor) + "." +
         std::to_string(version->patch);
}

dnnl::memory::data_type dataType(DType dtype) {
  return dtype == DType::bf16 ? dnnl::memory::data_type::bf16 : dnnl::memory::data_type::f32;
}

dnnl::primitive_attr attributes(const dnnl::post_ops& ops) {
  dnnl::primitive_attr attr;
  attr.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  attr.set_post_ops(ops);
  return attr;
}

BoundPrimitive::BoundPrimitive(const dnnl::primitive& primitive,
                               const std::vector<std::pair<int, dnnl::memory>>& args)
    : primitive_(primitive) {
  for (const auto& [index, memory] : args) {
    memories_.push_back(memory);
    args_.push_back({index, memory.get()});
  }
}

void BoundPrimitive::operator()() const {
  const dnnl_status_t status = dnnl_primitive_execute(primitive_.get(), context().stream.get(),
                                                      static_cast<int>(args_.size()), args_.data());
  if (status != dnnl_success) {
    throw Error(ErrorCode::internal,
                versionName() + " failed with status " + std::to_string(status) + ".");
  }
}

dnnl::memory allocate(Lowering& lowering, const dnnl::memory::desc& desc) {
  return {desc, context().engine, lowering.scratch(desc.get_size())};
}

dnnl::memory inLayout(Lowering& lowering, TensorIndex tensor, const dnnl::memory::desc& plain,
                      const dnnl::memory::desc& wanted, std::vector<BoundPrimitive>& steps) {
  dnnl::memory own(plain, context().engine, lowering.storage(tensor));
  if (plain == wanted) return own;
  dnnl::memory packed = allocate(lowering, wanted);
  const dnnl::reorder::primitive_desc desc(context().engine, plain, context().engine, wanted,
                                           attributes());
  const BoundPrimitive reorder(dnnl::reorder(desc),
                               {{DNNL_ARG_FROM, own},
                                {DNNL_ARG_TO, packed},
                                {DNNL_ARG_SCRATCHPAD, allocate(lowering, desc.scratchpad_desc())}});
  if (isPackable(lowering, tensor)) {
    lowering.onWrite(tensor, reorder);
  } else {
    steps.push_back(reorder);
  }
  return packed;
}

bool isPackable(const Lowering& lowering, TensorIndex tensor) {
  return lowering.graph().tensors[tensor].role == Role::weight;
}

}  // namespace mpsbench::cpu::onednn
