#!/bin/sh
# compile-objcxx.sh COMPILER ARGS... : compiles, then gives the object the C++ personality, unless its
# source has a @try. For GCC's runtime clang picks one that cannot catch C++ exceptions.
set -eu
"$@"
source='' object='' before=''
for argument in "$@"; do
  case $before in -o) object=$argument ;; -c) source=$argument ;; esac
  before=$argument
done
case $source in *.mm) ;; *) exit 0 ;; esac
if ! grep -q '@try' "$source"; then
  objcopy --redefine-sym __gnu_objc_personality_v0=__gxx_personality_v0 \
    --redefine-sym DW.ref.__gnu_objc_personality_v0=DW.ref.__gxx_personality_v0 "$object"
fi
