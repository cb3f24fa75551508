#pragma once

#include <algorithm>
#include <chrono>
#include <ctime>
#include <optional>

namespace mpsbench::cuda {

/**
 * How often a sensor is asked: at every reading if that is cheap, and less often if its answers
 * would take more than a share of a CPU. On cards whose driver runs on the card itself (GSP), one
 * question may cost a millisecond.
 */
class Pace {
 public:
  using Duration = std::chrono::nanoseconds;

  /**
   * @param share of a CPU that the questions may take
   * @param longest between two questions, whatever they cost
   */
  Pace(double share, Duration longest) : share_(share), longest_(longest) {}

  [[nodiscard]] bool isDue(Duration now) const { return now >= next_; }

  /** @param cost CPU time that the question took */
  void asked(Duration now, Duration cost) {
    next_ = now + std::min(longest_, Duration(static_cast<Duration::rep>(
                                         static_cast<double>(cost.count()) / share_)));
  }

 private:
  double share_;
  Duration longest_;
  Duration next_{0};
};

/** CPU time of this thread. */
inline std::chrono::nanoseconds threadTime() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

/** The latest answer of a sensor that is asked at its pace. */
template <class Value>
class Paced {
 public:
  Paced(double share, Pace::Duration longest) : pace_(share, longest) {}

  template <class Question>
  const std::optional<Value>& read(Pace::Duration now, const Question& question) {
    if (pace_.isDue(now)) {
      const auto before = threadTime();
      value_ = question();
      pace_.asked(now, threadTime() - before);
    }
    return value_;
  }

 private:
  Pace pace_;
  std::optional<Value> value_;
};

}  // namespace mpsbench::cuda
