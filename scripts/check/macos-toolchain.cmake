# Builds the addon for a Mac on another machine, with Apple's SDK at MACOS_SDK and LLVM's tools:
# scripts/check/typecheck-metal.mjs links it with this to see that nothing is missing.
set(CMAKE_SYSTEM_NAME Darwin)
set(CMAKE_SYSTEM_PROCESSOR arm64)
set(CMAKE_OSX_ARCHITECTURES arm64)
set(CMAKE_OSX_SYSROOT $ENV{MACOS_SDK})
foreach(language C CXX OBJCXX)
  set(CMAKE_${language}_COMPILER_TARGET arm64-apple-macos13.0)
  # A macro that SDK 14 asks for and older clangs do not define.
  set(CMAKE_${language}_FLAGS_INIT "$ENV{MACOS_FLAGS}")
endforeach()
# Without compiler-rt for macOS a program does not link; the addon does.
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
# For a framework whose stub the SDK lacks.
set(CMAKE_MODULE_LINKER_FLAGS_INIT "-fuse-ld=lld -nostdlib -lc++ -lSystem -lobjc $ENV{MACOS_STUBS}")
