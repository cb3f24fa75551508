// A library of NVIDIA's name that lacks every function: as an old or a foreign file would.
extern "C" __attribute__((visibility("default"))) int fakeIncompleteLibrary() {
  return 0;
}
