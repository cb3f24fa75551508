#pragma once

#include <napi.h>

#include <new>

#include "core/error.h"

namespace mpsbench::addon {

/** A JavaScript Error with `code`, `message` and `advice`. */
Napi::Error errorToJs(Napi::Env env, ErrorCode code, const std::string& message,
                      const std::string& advice);

/** Calls `work`; every C++ exception becomes a JavaScript Error. */
template <class Work>
auto guarded(Napi::Env env, const Work& work) -> decltype(work()) {
  try {
    return work();
  } catch (const Napi::Error&) {
    throw;
  } catch (const Error& error) {
    throw errorToJs(env, error.code(), error.what(), error.advice());
  } catch (const std::bad_alloc&) {
    throw errorToJs(env, ErrorCode::outOfMemory, "The system refused to give more memory.",
                    "Choose smaller sizes, or free some memory.");
  } catch (const std::exception& error) {
    throw errorToJs(env, ErrorCode::internal, error.what(),
                    "This is a bug in mpsbench: please report it.");
  }
}

}  // namespace mpsbench::addon
