#include "core/backend.h"

#include "core/error.h"

namespace mpsbench {

namespace {

void checkLength(const Tensor& tensor, std::size_t given) {
  if (given == tensor.elements()) return;
  throw Error(ErrorCode::internal, "The tensor '" + tensor.id + "' of shape " +
                                       toString(tensor.shape) + " has " +
                                       std::to_string(tensor.elements()) + " values, not " +
                                       std::to_string(given) + ".");
}

}  // namespace

void Executable::write(std::string_view tensor, const HostView& values) {
  const TensorIndex index = graph_.find(tensor);
  const Tensor& target = graph_.tensors[index];
  if (target.role == Role::temp) {
    throw Error(ErrorCode::internal,
                "The tensor '" + target.id + "' is computed by the graph and cannot be written.");
  }
  checkLength(target, length(values));
  writeTensor(index, values);
}

const Tensor& Executable::readable(std::string_view tensor) const {
  const TensorIndex index = graph_.find(tensor);
  const Tensor& source = graph_.tensors[index];
  if (source.role != Role::state && !graph_.isOutput(index)) {
    throw Error(ErrorCode::internal,
                "The tensor '" + source.id + "' is neither an output nor a state of the graph.");
  }
  return source;
}

void Executable::read(std::string_view tensor, const HostSpan& values) {
  checkLength(readable(tensor), length(values));
  readTensor(graph_.find(tensor), values);
}

}  // namespace mpsbench
