#include "addon/errors.h"

namespace mpsbench::addon {

Napi::Error errorToJs(Napi::Env env, ErrorCode code, const std::string& message,
                      const std::string& advice) {
  Napi::Error error = Napi::Error::New(env, message);
  error.Set("code", Napi::String::New(env, name(code)));
  error.Set("advice", Napi::String::New(env, advice));
  return error;
}

}  // namespace mpsbench::addon
