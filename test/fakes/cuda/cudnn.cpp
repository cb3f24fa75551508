#include <algorithm>
#include <cstdio>
#include <sstream>
#include <string>

#include "cudnn_descriptor.h"
#include "state.h"

#define FAKE_LIBRARY "backends/cuda/driver/api/cudnn.def"
#include "exports.h"

// A fake libcudnn: engines as the script has them, all with the same plain loops, in f32 and f64.
namespace mpsbench::cuda {

using fake::Descriptor;
using fake::handleOf;
using fake::State;

namespace {

#define ENTER(call) \
  if (const int status = State::get().enter(call); status != 0) return cudnnStatus_t(status)

constexpr auto kBadParameter = static_cast<cudnnStatus_t>(2000);
/** Of an engine: the operations that it is for, as in NVIDIA's cudnn_graph.h. */
constexpr auto kOperationGraph = static_cast<cudnnBackendAttributeName_t>(1300);
constexpr auto kWorkspaceSize = CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE;

cudnnStatus_t refuse(const std::string& why) {
  State::get().violation("cuDNN was given " + why);
  return kBadParameter;
}

std::map<cudnnHandle_t, CUstream>& streams() {
  static std::map<cudnnHandle_t, CUstream> all;
  return all;
}

/** nullptr if there is none. */
std::shared_ptr<Descriptor> find(cudnnBackendDescriptor_t handle) {
  const std::shared_ptr<void>* found = State::get().cudnnDescriptors.find(handle);
  return found == nullptr ? nullptr : std::static_pointer_cast<Descriptor>(*found);
}

std::size_t sizeOf(cudnnBackendAttributeType_t type) {
  switch (type) {
    case CUDNN_TYPE_BOOLEAN:
      return sizeof(bool);
    case CUDNN_TYPE_HANDLE:
    case CUDNN_TYPE_INT64:
    case CUDNN_TYPE_DOUBLE:
    case CUDNN_TYPE_VOID_PTR:
      return 8;
    default:
      return 4;
  }
}

/** The configuration of an engine that the script describes so. */
std::shared_ptr<const Descriptor> configuration(const std::string& text,
                                                const fake::Attribute& graph) {
  long long number = 0;
  long long workspace = 0;
  int note = 0;
  const int given = std::sscanf(text.c_str(), "%lld:%lld:%d", &number, &workspace, &note);
  Descriptor engine{CUDNN_BACKEND_ENGINE_DESCRIPTOR, true};
  engine.set<std::int64_t>(CUDNN_ATTR_ENGINE_GLOBAL_INDEX, {number});
  engine.set<std::int64_t>(kWorkspaceSize, {workspace});
  std::vector<cudnnBackendNumericalNote_t> notes;
  if (given == 3) notes.push_back(static_cast<cudnnBackendNumericalNote_t>(note));
  engine.set(CUDNN_ATTR_ENGINE_NUMERICAL_NOTE, notes);
  engine.attributes[kOperationGraph] = graph;
  Descriptor made{CUDNN_BACKEND_ENGINECFG_DESCRIPTOR, true};
  made.attributes[CUDNN_ATTR_ENGINECFG_ENGINE] = {
      CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, {}, {std::make_shared<const Descriptor>(engine)}};
  return std::make_shared<const Descriptor>(made);
}

fake::Attribute proposals(const Descriptor& heuristics) {
  const auto mode = heuristics.get<cudnnBackendHeurMode_t>(CUDNN_ATTR_ENGINEHEUR_MODE);
  const fake::Script& script = State::get().script;
  std::istringstream list(mode == CUDNN_HEUR_MODE_A ? script.text("engines", "24,7")
                                                    : script.text("fallbacks", "1"));
  fake::Attribute made{CUDNN_TYPE_BACKEND_DESCRIPTOR, 0, {}, {}};
  for (std::string one; std::getline(list, one, ','); ++made.count) {
    made.parts.push_back(
        configuration(one, heuristics.attributes.at(CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH)));
  }
  return made;
}

/** Adds what cuDNN says of a descriptor once it is final. @returns whether it can be that */
bool complete(Descriptor& target) {
  switch (target.type) {
    case CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR:
      return fake::isSupported(target);
    case CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR:
      return (target.attributes[CUDNN_ATTR_ENGINEHEUR_RESULTS] = proposals(target)).count > 0;
    case CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR: {
      const auto chosen = target.part(CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG);
      const auto engine = chosen->part(CUDNN_ATTR_ENGINECFG_ENGINE);
      target.attributes[kWorkspaceSize] = engine->attributes.at(kWorkspaceSize);
      return true;
    }
    default:
      return true;
  }
}

}  // namespace

std::size_t cudnnGetVersion() {
  return static_cast<std::size_t>(State::get().script.number("cudnn", 91400));
}

const char* cudnnGetErrorString(cudnnStatus_t status) {
  switch (static_cast<int>(status)) {
    case CUDNN_STATUS_NOT_SUPPORTED:
      return "CUDNN_STATUS_NOT_SUPPORTED";
    case CUDNN_STATUS_INTERNAL_ERROR_HOST_ALLOCATION_FAILED:
      return "CUDNN_STATUS_INTERNAL_ERROR_HOST_ALLOCATION_FAILED";
    case 5000:
      return "CUDNN_STATUS_EXECUTION_FAILED";
    default:
      return "CUDNN_STATUS_FAKE";
  }
}

cudnnStatus_t cudnnCreate(cudnnHandle_t* handle) {
  ENTER("cudnnCreate");
  *handle = handleOf<cudnnHandle_t>(State::get().handles.make("cuDNN"));
  return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnDestroy(cudnnHandle_t handle) {
  ENTER("cudnnDestroy");
  streams().erase(handle);
  if (!State::get().handles.erase(handle)) State::get().violation("cuDNN was destroyed twice");
  return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnSetStream(cudnnHandle_t handle, CUstream stream) {
  ENTER("cudnnSetStream");
  streams()[handle] = stream;
  return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnBackendCreateDescriptor(cudnnBackendDescriptorType_t type,
                                           cudnnBackendDescriptor_t* descriptor) {
  ENTER("cudnnBackendCreateDescriptor");
  *descriptor = State::get().cudnnDescriptors.make(std::make_shared<Descriptor>(Descriptor{type}));
  return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnBackendDestroyDescriptor(cudnnBackendDescriptor_t descriptor) {
  ENTER("cudnnBackendDestroyDescriptor");
  if (State::get().cudnnDescriptors.erase(descriptor)) return CUDNN_STATUS_SUCCESS;
  return refuse("a descriptor to destroy that does not exist");
}

cudnnStatus_t cudnnBackendFinalize(cudnnBackendDescriptor_t descriptor) {
  ENTER("cudnnBackendFinalize");
  const auto target = find(descriptor);
  if (!target || target->isFinal) return refuse("what cannot be made final");
  target->isFinal = complete(*target);
  return target->isFinal ? CUDNN_STATUS_SUCCESS : CUDNN_STATUS_NOT_SUPPORTED;
}

cudnnStatus_t cudnnBackendSetAttribute(cudnnBackendDescriptor_t descriptor,
                                       cudnnBackendAttributeName_t name,
                                       cudnnBackendAttributeType_t type, std::int64_t count,
                                       const void* values) {
  ENTER("cudnnBackendSetAttribute");
  const auto target = find(descriptor);
  if (!target || target->isFinal) return refuse("what cannot be changed");
  fake::Attribute made{type, count, {}, {}};
  if (type == CUDNN_TYPE_BACKEND_DESCRIPTOR) {
    for (std::int64_t i = 0; i < count; ++i) {
      const auto part = find(static_cast<const cudnnBackendDescriptor_t*>(values)[i]);
      if (part == nullptr || !part->isFinal) return refuse("a part that is not final");
      made.parts.push_back(part);
    }
  } else {
    const auto* bytes = static_cast<const std::byte*>(values);
    made.bytes.assign(bytes, bytes + static_cast<std::size_t>(count) * sizeOf(type));
  }
  target->attributes.insert_or_assign(name, std::move(made));
  return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnBackendGetAttribute(cudnnBackendDescriptor_t descriptor,
                                       cudnnBackendAttributeName_t name,
                                       cudnnBackendAttributeType_t type, std::int64_t requested,
                                       std::int64_t* count, void* values) {
  ENTER("cudnnBackendGetAttribute");
  const auto target = find(descriptor);
  if (!target || !target->isFinal) return refuse("a descriptor to read that is not final");
  const fake::Attribute& found = target->attributes[name];
  if (found.type != type) return refuse("no attribute " + std::to_string(name) + " to read");
  *count = found.count;
  const auto copied = static_cast<std::size_t>(std::min(requested, found.count));
  if (type != CUDNN_TYPE_BACKEND_DESCRIPTOR) {
    std::copy_n(found.bytes.begin(), copied * sizeOf(type), static_cast<std::byte*>(values));
    return CUDNN_STATUS_SUCCESS;
  }
  for (std::size_t i = 0; i < copied; ++i) {
    const auto to = find(static_cast<cudnnBackendDescriptor_t*>(values)[i]);
    if (!to || to->isFinal || to->type != found.parts[i]->type)
      return refuse("no place for a part");
    *to = *found.parts[i];
  }
  return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnBackendExecute(cudnnHandle_t handle, cudnnBackendDescriptor_t plan,
                                  cudnnBackendDescriptor_t variantPack) {
  ENTER("cudnnBackendExecute");
  const auto chosen = find(plan);
  const auto pack = find(variantPack);
  if (!chosen || !chosen->isFinal || chosen->type != CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR ||
      !pack || !pack->isFinal || pack->type != CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR) {
    return refuse("no plan to execute, or no variant pack");
  }
  const auto engine =
      chosen->part(CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG)->part(CUDNN_ATTR_ENGINECFG_ENGINE);
  State::get().enqueue(streams()[handle], [graph = engine->part(kOperationGraph), pack = *pack,
                                           workspace = chosen->get<std::int64_t>(kWorkspaceSize)] {
    fake::compute(*graph, pack, workspace);
  });
  return CUDNN_STATUS_SUCCESS;
}

}  // namespace mpsbench::cuda
