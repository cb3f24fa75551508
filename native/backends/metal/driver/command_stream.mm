#include "backends/metal/driver/command_stream.h"

#include <algorithm>

#include "backends/metal/driver/status.h"

/**
 * An MPSCommandBuffer that keeps every command buffer that it goes through. MPSGraph may commit
 * what it has encoded and continue in a new one as often as it likes within one call; comparing
 * rootCommandBuffer before and after sees the first and the last only.
 */
@interface MpsbenchCommandBuffer : MPSCommandBuffer {
  mpsbench::metal::CommandBuffers* committed_;
}
/** Keeps what is committed in `committed`, which must outlive all encoding. */
- (void)keepCommittedIn:(mpsbench::metal::CommandBuffers*)committed;
@end

@implementation MpsbenchCommandBuffer
- (void)keepCommittedIn:(mpsbench::metal::CommandBuffers*)committed {
  committed_ = committed;
}

- (void)commitAndContinue {
  auto root = mpsbench::metal::Owned<id<MTLCommandBuffer>>::retain([self rootCommandBuffer]);
  [super commitAndContinue];
  committed_->push_back(std::move(root));
}
@end

namespace mpsbench::metal {

namespace {

constexpr double kNsPerSecond = 1e9;

id<MTLCommandBuffer> newCommandBuffer(id<MTLCommandQueue> queue) {
  id<MTLCommandBuffer> buffer = [queue commandBuffer];
  if (buffer == nil) {
    throw Error(ErrorCode::deviceLost, "Metal gave no command buffer.",
                "Run it again; if it comes back, restart the Mac.");
  }
  return buffer;
}

/** Waits; whether it completed without an error. */
bool waitUntilDone(id<MTLCommandBuffer> buffer) {
  [buffer waitUntilCompleted];
  return [buffer status] == MTLCommandBufferStatusCompleted;
}

/**
 * Keeps the root of before an encoding where that has replaced it past our commitAndContinue: at
 * `place`, before those that the encoding committed after it.
 */
void keepReplaced(Owned<id<MTLCommandBuffer>> before, id<MTLCommandBuffer> after, std::size_t place,
                  CommandBuffers& committed) {
  const auto kept = [&](const auto& buffer) { return buffer.get() == before.get(); };
  if (before.get() == after || std::any_of(committed.begin(), committed.end(), kept)) return;
  committed.insert(committed.begin() + static_cast<std::ptrdiff_t>(place), std::move(before));
}

}  // namespace

void runBlits(id<MTLCommandQueue> queue,
              const std::function<void(id<MTLBlitCommandEncoder>)>& encode) {
  id<MTLCommandBuffer> buffer = newCommandBuffer(queue);
  id<MTLBlitCommandEncoder> encoder = [buffer blitCommandEncoder];
  encode(encoder);
  [encoder endEncoding];
  [buffer commit];
  if (!waitUntilDone(buffer)) throw commandBufferError([buffer error]);
}

CommandStream::~CommandStream() {
  for (const CommandBuffers& batch : inFlight_) {
    for (const auto& buffer : batch) [buffer.get() waitUntilCompleted];
  }
}

void CommandStream::submit(std::int64_t times,
                           const std::function<void(MPSCommandBuffer*)>& encode) {
  while (inFlight_.size() >= largestInFlight_) waitForOldest();
  @autoreleasepool {
    // In place before the first commit, so that the destructor waits for parts of a batch whose
    // encoding fails.
    CommandBuffers& committed = inFlight_.emplace_back();
    const auto buffer = Owned<MpsbenchCommandBuffer*>::adopt(
        [[MpsbenchCommandBuffer alloc] initWithCommandBuffer:newCommandBuffer(queue_)]);
    [buffer.get() keepCommittedIn:&committed];
    for (std::int64_t i = 0; i < times; ++i) {
      auto before = Owned<id<MTLCommandBuffer>>::retain([buffer.get() rootCommandBuffer]);
      const std::size_t place = committed.size();
      encode(buffer.get());
      keepReplaced(std::move(before), [buffer.get() rootCommandBuffer], place, committed);
    }
    auto last = Owned<id<MTLCommandBuffer>>::retain([buffer.get() rootCommandBuffer]);
    [buffer.get() commit];
    committed.push_back(std::move(last));
  }
}

void CommandStream::finish() {
  while (!inFlight_.empty()) waitForOldest();
}

void CommandStream::waitForOldest() {
  const CommandBuffers batch = std::move(inFlight_.front());
  inFlight_.pop_front();
  std::optional<Error> failure;
  for (const auto& buffer : batch) {
    if (!waitUntilDone(buffer.get()) && !failure) {
      failure = commandBufferError([buffer.get() error]);
    }
    // The next one may start before the last one has ended; that time counts once.
    const double start = std::max(busyUntil_, [buffer.get() GPUStartTime]);
    const double end = [buffer.get() GPUEndTime];
    busySeconds_ += std::max(0.0, end - start);
    busyUntil_ = std::max(busyUntil_, end);
  }
  if (failure) throw *failure;
}

std::optional<double> CommandStream::busyNs() const {
  if (!(busySeconds_ > 0)) return std::nullopt;
  return busySeconds_ * kNsPerSecond;
}

}  // namespace mpsbench::metal
