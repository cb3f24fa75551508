#include "backends/cuda/ops/cudnn_graph.h"

#include <algorithm>
#include <array>
#include <utility>

namespace mpsbench::cuda {

CudnnDescriptor::CudnnDescriptor(const Cudnn& library, cudnnBackendDescriptorType_t type)
    : library_(library) {
  library_.check(library_.cudnnBackendCreateDescriptor(type, &descriptor_),
                 "cudnnBackendCreateDescriptor");
}

CudnnDescriptor::~CudnnDescriptor() {
  if (descriptor_ != nullptr) library_.cudnnBackendDestroyDescriptor(descriptor_);
}

CudnnDescriptor::CudnnDescriptor(CudnnDescriptor&& other) noexcept
    : library_(other.library_), descriptor_(std::exchange(other.descriptor_, nullptr)) {}

void CudnnDescriptor::setBytes(cudnnBackendAttributeName_t name, cudnnBackendAttributeType_t type,
                               std::int64_t count, const void* values) {
  library_.check(library_.cudnnBackendSetAttribute(descriptor_, name, type, count, values),
                 "cudnnBackendSetAttribute");
}

bool CudnnDescriptor::tryFinalize() const {
  return library_.cudnnBackendFinalize(descriptor_) == CUDNN_STATUS_SUCCESS;
}

CudnnDescriptor& CudnnDescriptor::finalize() {
  library_.check(library_.cudnnBackendFinalize(descriptor_), "cudnnBackendFinalize");
  return *this;
}

std::int64_t CudnnDescriptor::get(cudnnBackendAttributeName_t name,
                                  cudnnBackendAttributeType_t type, std::int64_t room,
                                  void* values) const {
  std::int64_t count = 0;
  library_.check(library_.cudnnBackendGetAttribute(descriptor_, name, type, room, &count, values),
                 "cudnnBackendGetAttribute");
  return std::min(count, room);
}

std::int64_t CudnnDescriptor::getInt64(cudnnBackendAttributeName_t name) const {
  std::int64_t value = 0;
  get(name, CUDNN_TYPE_INT64, 1, &value);
  return value;
}

namespace {

/** More configurations than these are never among the fastest. */
constexpr std::size_t kConfigurations = 16;
constexpr std::int64_t kNotes = 16;

struct Engine {
  std::string name;
  bool fullPrecision = true;
};

Engine engineOf(const Cudnn& library, const CudnnDescriptor& configuration) {
  const CudnnDescriptor engine(library, CUDNN_BACKEND_ENGINE_DESCRIPTOR);
  cudnnBackendDescriptor_t handle = engine.get();
  configuration.get(CUDNN_ATTR_ENGINECFG_ENGINE, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &handle);
  std::array<cudnnBackendNumericalNote_t, kNotes> notes{};
  const std::int64_t count =
      engine.get(CUDNN_ATTR_ENGINE_NUMERICAL_NOTE, CUDNN_TYPE_NUMERICAL_NOTE, kNotes, notes.data());
  Engine found;
  found.name = "engine " + std::to_string(engine.getInt64(CUDNN_ATTR_ENGINE_GLOBAL_INDEX));
  found.fullPrecision = std::none_of(notes.begin(), notes.begin() + count, [](auto note) {
    return note == CUDNN_NUMERICAL_NOTE_TENSOR_CORE ||
           note == CUDNN_NUMERICAL_NOTE_DOWN_CONVERT_INPUTS ||
           note == CUDNN_NUMERICAL_NOTE_REDUCED_PRECISION_REDUCTION;
  });
  return found;
}

/** What the heuristics of this mode propose; nothing if they know no engine. */
std::vector<CudnnDescriptor> configurations(const Cudnn& library, const CudnnDescriptor& graph,
                                            cudnnBackendHeurMode_t mode) {
  CudnnDescriptor heuristics(library, CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR);
  heuristics.set(CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH, graph)
      .set(CUDNN_ATTR_ENGINEHEUR_MODE, CUDNN_TYPE_HEUR_MODE, mode);
  if (!heuristics.tryFinalize()) return {};
  std::vector<CudnnDescriptor> found;
  std::vector<cudnnBackendDescriptor_t> handles;
  for (std::size_t i = 0; i < kConfigurations; ++i) {
    handles.push_back(found.emplace_back(library, CUDNN_BACKEND_ENGINECFG_DESCRIPTOR).get());
  }
  const std::int64_t count =
      heuristics.get(CUDNN_ATTR_ENGINEHEUR_RESULTS, CUDNN_TYPE_BACKEND_DESCRIPTOR,
                     static_cast<std::int64_t>(handles.size()), handles.data());
  while (static_cast<std::int64_t>(found.size()) > count) found.pop_back();
  return found;
}

}  // namespace

std::vector<CudnnPlan> cudnnPlans(Context& context, std::span<const CudnnDescriptor> operations,
                                  bool fullPrecision, std::size_t most) {
  const Cudnn& library = *context.libraries().cudnn().get();
  std::vector<cudnnBackendDescriptor_t> handles;
  for (const CudnnDescriptor& operation : operations) handles.push_back(operation.get());
  CudnnDescriptor graph(library, CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR);
  graph.set(CUDNN_ATTR_OPERATIONGRAPH_HANDLE, CUDNN_TYPE_HANDLE, context.cudnn())
      .set(CUDNN_ATTR_OPERATIONGRAPH_OPS, CUDNN_TYPE_BACKEND_DESCRIPTOR,
           std::span<const cudnnBackendDescriptor_t>(handles));
  if (!graph.tryFinalize()) return {};

  std::vector<CudnnPlan> plans;
  for (const auto mode : {CUDNN_HEUR_MODE_A, CUDNN_HEUR_MODE_FALLBACK}) {
    for (const CudnnDescriptor& configuration : configurations(library, graph, mode)) {
      if (plans.size() == most) return plans;
      const Engine engine = engineOf(library, configuration);
      if (fullPrecision && !engine.fullPrecision) continue;
      auto plan =
          std::make_shared<CudnnDescriptor>(library, CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR);
      plan->set(CUDNN_ATTR_EXECUTION_PLAN_HANDLE, CUDNN_TYPE_HANDLE, context.cudnn())
          .set(CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG, configuration);
      if (!plan->tryFinalize()) continue;
      const std::int64_t workspace = plan->getInt64(CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE);
      plans.push_back({std::move(plan), engine.name, static_cast<std::size_t>(workspace)});
    }
  }
  return plans;
}

}  // namespace mpsbench::cuda
