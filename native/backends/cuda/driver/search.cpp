#include "backends/cuda/driver/search.h"

#include <glob.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>

namespace mpsbench::cuda {

namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(separator), text.size());
    if (end > 0) parts.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

/** Existing paths that fit the pattern, sorted. */
std::vector<std::string> matching(const std::string& pattern) {
  glob_t found{};
  std::vector<std::string> paths;
  if (glob(pattern.c_str(), 0, nullptr, &found) == 0) {
    paths.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  }
  globfree(&found);
  return paths;
}

class Folders {
 public:
  void add(const std::string& folder) {
    if (access(folder.c_str(), R_OK | X_OK) != 0) return;
    if (std::find(folders_.begin(), folders_.end(), folder) == folders_.end()) {
      folders_.push_back(folder);
    }
  }
  void addToolkit(const std::string& home) {
    if (home.empty()) return;
    add(home + "/lib64");
    add(home + "/lib");
    for (const std::string& folder : matching(home + "/targets/*-linux/lib")) add(folder);
  }
  void addPython(const std::string& prefix) {
    if (prefix.empty()) return;
    for (const char* packages : {"site-packages", "dist-packages"}) {
      const std::string root = prefix + "/lib/python3*/" + packages + "/nvidia/*/lib";
      for (const std::string& folder : matching(root)) add(folder);
    }
    // Where Debian's pip installs for all users.
    if (prefix == "/usr") addPython("/usr/local");
  }
  std::vector<std::string> take() { return std::move(folders_); }

 private:
  std::vector<std::string> folders_;
};

/** The prefix of the interpreter in this folder of PATH; a link to it says nothing of its packages.
 */
std::string pythonPrefix(const std::string& folder) {
  if (access((folder + "/python3").c_str(), X_OK) != 0) return "";
  const std::size_t slash = folder.find_last_of('/');
  return slash == std::string::npos ? "" : folder.substr(0, slash);
}

std::string joined(const std::vector<std::string>& parts, const char* separator) {
  std::string text;
  for (const std::string& part : parts) {
    if (!text.empty()) text += separator;
    text += part;
  }
  return text;
}

/**
 * NVRTC asks the loader for its builtins by name, which finds them only if its folder is in the
 * loader's path; a library of the same name that is already loaded is used instead.
 */
void loadBuiltins(const std::string& library) {
  const std::size_t slash = library.find_last_of('/');
  if (slash == std::string::npos || library.find("libnvrtc.so") == std::string::npos) return;
  static std::vector<DynamicLibrary> kept;
  for (const std::string& path : matching(library.substr(0, slash) + "/libnvrtc-builtins.so.*")) {
    std::string reason;
    if (auto builtins = DynamicLibrary::open(path, reason)) kept.push_back(std::move(*builtins));
  }
}

/**
 * Folders that may hold the libraries, in the order of the search: those of MPSBENCH_CUDA_PATH
 * alone, else of CUDA_HOME and CUDA_PATH, /usr/local/cuda, and the `nvidia-*` packages of Python
 * environments (VIRTUAL_ENV, CONDA_PREFIX, the user's, and each whose `python3` is in PATH).
 */
std::vector<std::string> libraryFolders(bool ofDriver) {
  Folders folders;
  const std::string own = variable(kPathVariable);
  if (!own.empty()) {
    for (const std::string& folder : split(own, ':')) {
      folders.add(folder);
      folders.addToolkit(folder);
    }
    return folders.take();
  }
  if (ofDriver) {
    // Where containers and WSL mount the host's driver.
    folders.add("/usr/local/nvidia/lib64");
    folders.add("/usr/lib/wsl/lib");
    return folders.take();
  }
  folders.addToolkit(variable("CUDA_HOME"));
  folders.addToolkit(variable("CUDA_PATH"));
  folders.addToolkit("/usr/local/cuda");
  folders.addPython(variable("VIRTUAL_ENV"));
  const std::string conda = variable("CONDA_PREFIX");
  if (!conda.empty()) folders.add(conda + "/lib");
  folders.addPython(conda);
  for (const std::string& folder : split(variable("PATH"), ':')) {
    folders.addPython(pythonPrefix(folder));
  }
  const std::string home = variable("HOME");
  if (!home.empty()) folders.addPython(home + "/.local");
  return folders.take();
}

}  // namespace

SearchResult findLibrary(const LibraryRequest& request) {
  const std::vector<std::string> folders = libraryFolders(request.ofDriver);
  const bool byLoader = variable(kPathVariable).empty();
  std::vector<std::string> refusals;
  for (const std::string& file : request.files) {
    std::string reason;
    if (byLoader) {
      if (auto library = DynamicLibrary::open(file, reason)) return {std::move(library), ""};
      // That the loader's path has no such file is said once, below; that a file which this one
      // needs is missing begins with that one's name.
      const bool absent =
          reason.starts_with(file) && reason.find("No such file") != std::string::npos;
      if (!absent) refusals.push_back(reason);
    }
    for (const std::string& folder : folders) {
      std::string path = folder;
      path += '/';
      path += file;
      if (access(path.c_str(), R_OK) != 0) continue;
      loadBuiltins(path);
      if (auto library = DynamicLibrary::open(path, reason)) return {std::move(library), ""};
      refusals.push_back(reason);
    }
  }
  std::vector<std::string> places = folders;
  if (byLoader) places.insert(places.begin(), "the loader's path");
  std::string text =
      request.name + " was not found: no " + joined(request.files, " or ") + " in " +
      (places.empty() ? "the folders of " + std::string(kPathVariable) : joined(places, ", "));
  if (!refusals.empty()) text += " that loads (" + joined(refusals, "; ") + ")";
  return {std::nullopt, text};
}

}  // namespace mpsbench::cuda
