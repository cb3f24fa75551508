# Writes OUTPUT, a C++ file that defines mpsbench::BACKEND::kernelFiles() with the text of each of FILES:
#   cmake -DBACKEND=<cuda|metal> -DFILES=<a;b> -DOUTPUT=<file> -P embed_kernels.cmake
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
    string(APPEND literals "\n     R\"KERNEL(${part})KERNEL\"")
    math(EXPR at "${at} + 8000")
  endwhile()
  string(APPEND entries "    {\"${name}\",${literals}},\n")
endforeach()
file(WRITE ${OUTPUT} "// Generated from native/backends/${BACKEND}/kernels by embed_kernels.cmake.
#include \"backends/${BACKEND}/driver/kernel_files.h\"

namespace mpsbench::${BACKEND} {

const std::vector<KernelFile>& kernelFiles() {
  static const std::vector<KernelFile> all = {
${entries}  };
  return all;
}

}  // namespace mpsbench::${BACKEND}
")
