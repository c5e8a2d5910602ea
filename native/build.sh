#!/usr/bin/env bash
# Compiles the kernels with clang and lld: native/build.sh [TARGET...]
#
#   arm64       NEON; one file for Android, Termux and Linux
#   x86-64-v3   AVX2 and FMA, Linux
#   x86-64-v4   AVX-512, Linux
#
# The libraries go to native/src/main/resources, with their checksums and that of the sources. They need no
# other library, not even that of C, and no page size but of at most 16 KiB. The same clang gives the same bytes.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

readonly source=src/main/c out=src/main/resources/org/mobilefinetuner/jni
readonly clang=${CLANG:-clang}
for tool in "$clang" ld.lld; do
  command -v "$tool" >/dev/null || {
    echo "native/build.sh: needs clang and lld, found no $tool on the PATH (Debian: apt-get install clang lld)" >&2
    exit 1
  }
done

declare -A triple=([arm64]=aarch64-linux-android28 [x86-64-v3]=x86_64-linux-gnu [x86-64-v4]=x86_64-linux-gnu)
declare -A march=([arm64]=armv8-a [x86-64-v3]=x86-64-v3 [x86-64-v4]=x86-64-v4)
# For the files *bf16.c, which are left out where there is nothing.
declare -A bf16=([arm64]=armv8.2-a+bf16 [x86-64-v3]= [x86-64-v4]="x86-64-v4 -mavx512bf16")
declare -A tune=([arm64]=cortex-a76 [x86-64-v3]=haswell [x86-64-v4]=icelake-server)

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$out"
for target in "${@:-arm64 x86-64-v3 x86-64-v4}"; do
  for name in $target; do
    [[ -n ${triple[$name]:-} ]] || {
      echo "native/build.sh: expected a target among ${!triple[*]}, found $name" >&2
      exit 2
    }
    objects=()
    for file in "$source"/*.c; do
      object=$work/$(basename "$file" .c).o
      flags=${march[$name]}
      [[ $file != *bf16.c ]] || flags=${bf16[$name]}
      [[ -n $flags ]] || continue
      # shellcheck disable=SC2086 # more than one option
      "$clang" --target="${triple[$name]}" -march=$flags -mtune="${tune[$name]}" \
        -std=c11 -O3 -Wall -Wextra -Werror -Wno-psabi \
        -ffreestanding -fno-builtin -fno-stack-protector -fno-math-errno -ffp-contract=off \
        -fno-strict-aliasing -fno-asynchronous-unwind-tables -fPIC -fvisibility=hidden \
        -mprefer-vector-width=512 -c "$file" -o "$object" 2>"$work/log" || { cat "$work/log" >&2; exit 1; }
      objects+=("$object")
    done
    # Symbols of our own are bound here, and anything undefined is an error: nothing is left to a loader.
    "$clang" --target="${triple[$name]}" -nostdlib -shared -fuse-ld=lld -o "$work/$name.so" "${objects[@]}" \
      -Wl,-soname,libmft.so -Wl,-z,max-page-size=16384 -Wl,-z,noexecstack -Wl,-z,defs -Wl,-Bsymbolic \
      -Wl,--hash-style=both -Wl,--build-id=none -Wl,--strip-all
    mv "$work/$name.so" "$out/libmft-$name.so"
  done
done

# One line for each library that is there, and one for the sources, in the order of their names.
{
  echo "$(cat $(ls "$source"/*.[ch] | LC_ALL=C sort) | sha256sum | cut -d' ' -f1)  sources"
  (cd "$out" && sha256sum libmft-*.so)
} >"$work/sums"
mv "$work/sums" "$out/checksums"
