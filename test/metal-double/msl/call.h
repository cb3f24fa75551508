// Calls kernel functions with the arguments that are bound to them: appended to every kernel
// source, as C++ for the double and as CUDA C++ for NVIDIA's GPUs (test/native/msl_cuda).
#pragma once

namespace metal_double {

enum class MslArgument {
  buffer,
  groupMemory,
  positionInGrid,
  positionInGroup,
  groupInGrid,
  groups,
  threadsPerGroup,
  indexInGroup,
  lane,
  simdgroup,
  simdgroups,
};

/** What the attribute of a parameter says. */
struct MslBinding {
  MslArgument kind;
  unsigned index;
};

namespace call {

template <int... I>
struct Indices {};
template <class, int... I>
using IndicesOf = Indices<I...>;

/** A position as a scalar or a vector of the parameter's type. */
template <class P>
struct Position {
  MSL_OWN static P from(const unsigned (&value)[3]) { return static_cast<P>(value[0]); }
};
template <class T>
struct Position<metal::vec<T, 2>> {
  MSL_OWN static metal::vec<T, 2> from(const unsigned (&value)[3]) {
    metal::vec<T, 2> made;
    made[0] = static_cast<T>(value[0]), made[1] = static_cast<T>(value[1]);
    return made;
  }
};
template <class T>
struct Position<metal::vec<T, 3>> {
  MSL_OWN static metal::vec<T, 3> from(const unsigned (&value)[3]) {
    metal::vec<T, 3> made;
    for (int i = 0; i < 3; ++i) made[i] = static_cast<T>(value[i]);
    return made;
  }
};

template <class P>
struct Argument {
  MSL_OWN static P from(const MslThread& t, const MslBinding& binding) {
    const unsigned index[3] = {t.indexInGroup, 0, 0};
    const unsigned lane[3] = {t.indexInGroup % 32, 0, 0};
    const unsigned simdgroup[3] = {t.indexInGroup / 32, 0, 0};
    const unsigned threads = t.threadsPerGroup[0] * t.threadsPerGroup[1] * t.threadsPerGroup[2];
    const unsigned simdgroups[3] = {(threads + 31) / 32, 0, 0};
    switch (binding.kind) {
      case MslArgument::positionInGrid:
        return Position<P>::from(t.positionInGrid);
      case MslArgument::positionInGroup:
        return Position<P>::from(t.positionInGroup);
      case MslArgument::groupInGrid:
        return Position<P>::from(t.groupInGrid);
      case MslArgument::groups:
        return Position<P>::from(t.groups);
      case MslArgument::threadsPerGroup:
        return Position<P>::from(t.threadsPerGroup);
      case MslArgument::indexInGroup:
        return Position<P>::from(index);
      case MslArgument::lane:
        return Position<P>::from(lane);
      case MslArgument::simdgroup:
        return Position<P>::from(simdgroup);
      case MslArgument::simdgroups:
        return Position<P>::from(simdgroups);
      default:
        __builtin_trap();
    }
  }
};
template <class T>
struct Argument<T*> {
  MSL_OWN static T* from(const MslThread& t, const MslBinding& binding) {
    return static_cast<T*>(binding.kind == MslArgument::groupMemory ? t.groupMemory[binding.index]
                                                                    : t.buffers[binding.index]);
  }
};
template <class T>
struct Argument<T&> {
  MSL_OWN static T& from(const MslThread& t, const MslBinding& binding) {
    return *Argument<T*>::from(t, binding);
  }
};

template <class... P, int... I>
MSL_OWN inline void withIndices(void (*function)(P...), const MslThread& thread_,
                                const MslBinding* bindings, Indices<I...>) {
  function(Argument<P>::from(thread_, bindings[I])...);
}

template <int N, int... I>
struct Count : Count<N - 1, N - 1, I...> {};
template <int... I>
struct Count<0, I...> {
  using Type = Indices<I...>;
};

template <class... P, unsigned N>
MSL_OWN inline void withArguments(void (*function)(P...), const MslThread& thread_,
                                  const MslBinding (&bindings)[N]) {
  static_assert(sizeof...(P) == N, "every parameter of a kernel has an attribute");
  withIndices(function, thread_, bindings, typename Count<sizeof...(P)>::Type());
}

}  // namespace call

}  // namespace metal_double
