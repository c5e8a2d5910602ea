#!/usr/bin/env bash
# Runs what depends on the processor in a JDK for arm64, emulated by qemu: the contract of the kernels, `mft verify`
# on the small models, and a training, on processors with and without newer instructions.
#
#   tools/arm64/run.sh                     about a quarter of an hour; needs qemu-user-static and mmdebstrap
#   tools/arm64/run.sh PortableKernelsTest other tests than the contract
#
# Results are checked, not speed: qemu is some 20 times slower. The JDK comes from Debian, into target/arm64 (300 MB);
# MFT_ARM64_ROOT names another folder, MFT_DEBIAN a mirror.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
debian=${MFT_ARM64_ROOT:-$root/target/arm64}
java=$root/tools/arm64/bin/java
tests=${*:-VectorKernelsTest PortableKernelsTest NativeKernelsTest NativeBf16KernelsTest LibraryFilesTest}

for command in qemu-aarch64-static mmdebstrap; do
  if ! command -v "$command" >/dev/null; then
    echo "arm64: needs $command, found none; apt-get install qemu-user-static mmdebstrap arch-test" >&2
    exit 2
  fi
done

# A root whose making was interrupted has another name.
if [[ ! -d $debian ]]; then
  mkdir -p "$(dirname "$debian")"
  unfinished=$(mktemp -d "$debian.XXXX")
  trap 'rm -rf "$unfinished"' EXIT
  mmdebstrap --mode=root --variant=extract --architectures=arm64 --components=main \
    --include=openjdk-25-jre-headless,libc6,libgcc-s1,libstdc++6,zlib1g trixie "$unfinished" ${MFT_DEBIAN:+"deb $MFT_DEBIAN trixie main"}
  [[ -e $unfinished/lib ]] || ln -s usr/lib "$unfinished/lib"
  # The JDK's links to its settings are for a root at /.
  find "$unfinished/usr/lib/jvm" -type l -lname '/*' | while read -r link; do
    ln -sfnr "$unfinished$(readlink "$link")" "$link"
  done
  mv "$unfinished" "$debian"
fi
"$java" -version

# The command, emulated: a processor, then its words.
mft() {
  local cpu=$1
  shift
  MFT_ARM64_CPU=$cpu "$java" -Xmx1g -XX:+UseSerialGC --add-modules=jdk.incubator.vector \
    --enable-native-access=ALL-UNNAMED -cp "$root/cli/target/mft-cli.jar:$root/cli/target/lib/*" \
    org.mobilefinetuner.cli.Main "$@" 2> >(grep -v 'incubator module' >&2)
}

contract() {
  MFT_ARM64_CPU=$1 mvn -B -q test -pl core,testkit,vector,native -am -Djvm="$java" -Dtest="${2// /,}" \
    -Dsurefire.failIfNoSpecifiedTests=false -Dsurefire.timeout=3600
  echo "$1: $2"
}

verify() {
  local model result
  for model in testkit/src/test/resources/golden/tiny-*; do
    result=$(mft "$1" verify --model "$model" --golden "$model/golden_forward_backward.safetensors" --backend "$2") || {
      echo "$result" >&2
      return 1
    }
    echo "$1: $(basename "$model") ${result##*$'\n'}"
  done
}

# A few steps of the quickstart's training: 1, 2 and 3 threads give the same bits.
train() {
  local output threads
  output=$(mktemp -d)
  for threads in 1 2 3; do
    mft "$1" train --model quickstart/model --data quickstart/train.jsonl --output-dir "$output/$threads" \
      --max-steps 3 --backend "$2" --threads "$threads" >"$output/log" || {
      cat "$output/log" >&2
      return 1
    }
  done
  cmp "$output/1/adapter_model.safetensors" "$output/2/adapter_model.safetensors"
  cmp "$output/1/adapter_model.safetensors" "$output/3/adapter_model.safetensors"
  echo "$1: training with $2, the same bits for 1, 2 and 3 threads"
  rm -rf "$output"
}

cd "$root"
contract cortex-a76 "$tests"
contract cortex-a53 NativeKernelsTest # as old as phones with 64 bits: no dot products, no float16, no atomics
./mft --version >/dev/null # builds the jar
for backend in vector portable native; do
  verify cortex-a76 "$backend"
done
verify cortex-a53 native
train cortex-a76 native
train cortex-a53 native
train cortex-a76 vector
