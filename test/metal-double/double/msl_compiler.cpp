#include "double/msl_compiler.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <sstream>

#include "double/msl_machine.h"
#include "double/msl_signature.h"

extern char** environ;

namespace metal_double {

namespace {

namespace fs = std::filesystem;

// Warnings that mean nothing here: -isystem hides those of the shim itself.
const std::vector<std::string> kLanguage = {"-x",
                                            "c++",
                                            "-std=c++14",
                                            "-isystem",
                                            MSL_INCLUDE,
                                            "-fno-exceptions",
                                            "-fno-rtti",
                                            "-Wall",
                                            "-Werror",
                                            "-Wno-unused-function",
                                            "-Wno-unknown-pragmas",
                                            "-Wno-pass-failed",
                                            "-Werror=c++17-extensions"};

std::string fileText(const fs::path& path) {
  std::ifstream in(path);
  std::ostringstream all;
  all << in.rdbuf();
  return all.str();
}

std::uint64_t hash(std::string_view text, std::uint64_t seed) {
  std::uint64_t value = seed;
  for (const char c : text) value = (value ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  return value;
}

/** Runs the compiler; what it printed where it failed. */
std::string runCompiler(std::vector<std::string> arguments, const fs::path& log) {
  arguments.insert(arguments.begin(), MSL_COMPILER);
  std::vector<char*> pointers;
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  // A sanitizer that is loaded into this process is not for the compiler.
  std::vector<char*> environment;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    if (!std::string_view(*entry).starts_with("LD_PRELOAD=")) environment.push_back(*entry);
  }
  environment.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, log.c_str(),
                                   O_WRONLY | O_CREAT | O_TRUNC, 0600);
  pid_t child = 0;
  const int started =
      posix_spawnp(&child, MSL_COMPILER, &actions, nullptr, pointers.data(), environment.data());
  posix_spawn_file_actions_destroy(&actions);
  if (started != 0) return std::string("cannot start ") + MSL_COMPILER;
  int status = 0;
  waitpid(child, &status, 0);
  const std::string said = fileText(log);
  std::error_code ignored;
  fs::remove(log, ignored);
  if (status == 0) return "";
  return said.empty() ? std::string(MSL_COMPILER) + " failed" : said;
}

/** The source, and behind it a function for each kernel that calls it. */
std::string withEntries(const MslText& text) {
  std::string all =
      text.plain + "\n#ifndef MSL_SPACES\n#include \"call.h\"\n#include \"hooks.h\"\n";
  for (const MslKernelSignature& kernel : text.kernels) {
    std::string bindings;
    for (const MslParameter& parameter : kernel.parameters) {
      bindings += "{metal_double::MslArgument::" + parameter.kind + ", " +
                  std::to_string(parameter.index) + "u}, ";
    }
    all +=
        "extern \"C\" MSL_OWN void mslEntry_" + kernel.name +
        "(const metal_double::MslThread* self) {\n  const metal_double::MslBinding bindings[] = {" +
        bindings + "};\n  metal_double::call::withArguments(" + kernel.name +
        ", *self, bindings);\n}\n";
    if (!kernel.maxThreads.empty()) {
      all += "extern \"C\" MSL_OWN unsigned mslThreads_" + kernel.name + "() { return " +
             kernel.maxThreads + "; }\n";
    }
  }
  return all + "#endif\n";
}

std::string flat(const std::vector<std::string>& parts) {
  std::string all;
  for (const std::string& part : parts) all += part + "\n";
  return all;
}

/** The module of this text, compiled where the cache lacks it; the error where it does not compile.
 */
std::string buildModule(const std::string& code, fs::path& module) {
  const std::vector<std::string> machine = {"-O2",
                                            "-fno-vectorize",
                                            "-fno-slp-vectorize",
                                            "-fPIC",
                                            "-shared",
                                            "-fsanitize=thread,undefined",
                                            "-fno-sanitize=function,vptr",
                                            "-fsanitize-trap=undefined"};
  static const std::string shim = fileText(fs::path(MSL_INCLUDE) / "metal_stdlib") +
                                  fileText(fs::path(MSL_INCLUDE) / "call.h") +
                                  fileText(fs::path(MSL_INCLUDE) / "hooks.h") +
                                  fileText(fs::path(MSL_INCLUDE) / "host.h");
  const std::string key = code + shim + flat(kLanguage) + flat(machine);
  char name[40];
  std::snprintf(name, sizeof name, "%016llx%016llx",
                static_cast<unsigned long long>(hash(key, 0xcbf29ce484222325ULL)),
                static_cast<unsigned long long>(hash(key, 0x9e3779b97f4a7c15ULL)));
  module = fs::path(MSL_CACHE) / (std::string(name) + ".so");
  if (fs::exists(module)) return "";
  fs::create_directories(MSL_CACHE);
  const std::string own =
      (fs::path(MSL_CACHE) / (std::string(name) + "." + std::to_string(getpid()))).string();
  const std::string source = own + ".metal";
  std::ofstream(source) << code;
  std::vector<std::string> spaces = kLanguage;
  spaces.insert(spaces.end(), {"-fsyntax-only", "-DMSL_SPACES", source});
  std::string error = runCompiler(spaces, own + ".log");
  if (error.empty()) {
    std::vector<std::string> whole = kLanguage;
    whole.insert(whole.end(), machine.begin(), machine.end());
    whole.insert(whole.end(), {"-o", own + ".so", source, "-lm"});
    error = runCompiler(whole, own + ".log");
  }
  if (error.empty()) fs::rename(own + ".so", module);
  std::error_code ignored;
  fs::remove(source, ignored);
  return error;
}

template <class Function>
Function symbol(void* module, const std::string& name) {
  return reinterpret_cast<Function>(dlsym(module, name.c_str()));
}

MslKernel load(void* module, const MslKernelSignature& signature) {
  MslKernel kernel;
  kernel.name = signature.name;
  kernel.entry = symbol<MslEntry>(module, "mslEntry_" + signature.name);
  if (!signature.maxThreads.empty()) {
    kernel.maxThreads = symbol<unsigned (*)()>(module, "mslThreads_" + signature.name)();
  }
  for (const MslParameter& parameter : signature.parameters) {
    if (parameter.kind == "buffer") kernel.buffers.push_back(parameter.index);
    if (parameter.kind == "groupMemory") kernel.groupMemory.push_back(parameter.index);
  }
  return kernel;
}

/**
 * The source without one of its barriers, where a test plants that fault:
 * MPSBENCH_METAL_DOUBLE_DROP_BARRIER is its number, from 1, and a name that the source must have:
 * `2:linear_tiny`.
 */
std::string withFault(std::string_view source) {
  std::string text(source);
  const char* number = std::getenv("MPSBENCH_METAL_DOUBLE_DROP_BARRIER");
  if (number == nullptr) return text;
  const std::string_view fault = number;
  const std::size_t colon = fault.find(':');
  const bool isOther = colon != fault.npos && text.find(fault.substr(colon + 1)) == text.npos;
  if (isOther) return text;
  std::size_t at = 0;
  for (int left = std::atoi(number); left > 0; --left) {
    at = text.find("_barrier(", left == std::atoi(number) ? 0 : at + 1);
    if (at == std::string::npos) return text;
  }
  const std::size_t begin = text.rfind(' ', at);
  const std::size_t end = text.find(';', at);
  return text.replace(begin, end - begin, " ");
}

MslLibrary compileNow(std::string_view source) {
  MslLibrary library;
  const MslText text = readMsl(withFault(source));
  library.error = text.error;
  if (!library.error.empty()) return library;
  fs::path file;
  library.error = buildModule(withEntries(text), file);
  if (!library.error.empty()) return library;
  void* module = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (module == nullptr) {
    library.error = dlerror();
    return library;
  }
  symbol<void (*)(const MslHost*)>(module, "mslSetHost")(&mslHost());
  for (const MslKernelSignature& signature : text.kernels) {
    library.kernels.push_back(load(module, signature));
  }
  return library;
}

}  // namespace

std::shared_ptr<const MslLibrary> compileMsl(std::string_view source) {
  static std::mutex mutex;
  static std::map<std::string, std::shared_ptr<const MslLibrary>, std::less<>> compiled;
  const std::lock_guard lock(mutex);
  auto found = compiled.find(source);
  if (found == compiled.end()) {
    found = compiled.emplace(source, std::make_shared<MslLibrary>(compileNow(source))).first;
  }
  return found->second;
}

}  // namespace metal_double
