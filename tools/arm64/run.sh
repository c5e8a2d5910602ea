#!/usr/bin/env bash
# Runs the contract of the kernels and `mft verify` on the small models in a JDK for arm64, emulated by qemu.
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
tests=${*:-VectorKernelsTest PortableKernelsTest NativeKernelsTest LibraryFilesTest}

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
  mv "$unfinished" "$debian"
fi
"$java" -version

cd "$root"
mvn -B -q test -pl core,testkit,vector,native -am -Djvm="$java" -Dtest="${tests// /,}" -Dsurefire.failIfNoSpecifiedTests=false \
  -Dsurefire.timeout=3600
./mft --version >/dev/null # builds the jar
for model in testkit/src/test/resources/golden/tiny-*; do
  for backend in vector portable native; do
    "$java" -Xmx1g -XX:+UseSerialGC --add-modules=jdk.incubator.vector --enable-native-access=ALL-UNNAMED \
      -cp "cli/target/mft-cli.jar:cli/target/lib/*" org.mobilefinetuner.cli.Main \
      verify --model "$model" --golden "$model/golden_forward_backward.safetensors" --backend "$backend" | tail -n 1 ||
      failed+=" $model($backend)"
  done
done
if [[ -n ${failed:-} ]]; then
  echo "arm64: failed:$failed" >&2
  exit 1
fi
