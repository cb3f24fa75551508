# Writes OUTPUT, a C++ file that defines kernelFiles() with the text of each of FILES:
#   cmake -DFILES=<a;b> -DOUTPUT=<file> -P embed.cmake
set(entries "")
foreach(file IN LISTS FILES)
  get_filename_component(name ${file} NAME)
  file(READ ${file} text)
  # Compilers limit the length of one literal, so a file is a row of them; an empty line may end one.
  string(LENGTH "${text}" length)
  set(literals "")
  set(at 0)
  while(at LESS length)
    string(SUBSTRING "${text}" ${at} 8000 part)
    string(APPEND literals "\n     R\"CUDA(${part})CUDA\"")
    math(EXPR at "${at} + 8000")
  endwhile()
  string(APPEND entries "    {\"${name}\",${literals}},\n")
endforeach()
file(WRITE ${OUTPUT} "// Generated from native/backends/cuda/kernels by embed.cmake.
#include \"backends/cuda/driver/programs.h\"

namespace mpsbench::cuda {

const std::vector<KernelFile>& kernelFiles() {
  static const std::vector<KernelFile> all = {
${entries}  };
  return all;
}

}  // namespace mpsbench::cuda
")
