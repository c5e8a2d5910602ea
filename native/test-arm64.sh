#!/usr/bin/env bash
# Runs the tests of the native kernels on an emulated arm64 processor: native/test-arm64.sh ROOT [TEST...]
#
# ROOT is a folder with an arm64 Debian and its Java; it is made first if it is missing. Takes some minutes. Needs
# qemu-aarch64-static, and mmdebstrap for the folder (Debian: apt-get install qemu-user-static mmdebstrap arch-test).
# The processor is a Cortex-A76, as in phones: 128-bit NEON, no SVE.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly jdk=usr/lib/jvm/java-25-openjdk-arm64
[[ $# -gt 0 ]] || { echo "usage: native/test-arm64.sh ROOT [TEST...]" >&2; exit 2; }
root=$(realpath -m "$1")
shift
if [[ ! -e $root/$jdk/bin/java ]]; then
  mmdebstrap --mode=root --variant=extract --architectures=arm64 --components=main \
    --include=openjdk-25-jre-headless,libc6,libgcc-s1,libstdc++6,zlib1g trixie "$root" "${DEBIAN_MIRROR:-}"
  [[ -e $root/lib ]] || ln -s usr/lib "$root/lib"
  # Links into the folder's own /etc, which is not ours.
  find "$root/$jdk" -type l -lname '/*' -print0 | while IFS= read -r -d '' link; do
    ln -sfn "$root$(readlink "$link")" "$link"
  done
fi

# Looks like a JDK to Maven.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/bin"
cat >"$work/bin/java" <<END
#!/bin/sh
exec qemu-aarch64-static -cpu cortex-a76 -L '$root' '$root/$jdk/bin/java' "\$@"
END
chmod +x "$work/bin/java"
cp "$root/$jdk/release" "$work/"

tests=${*:-NativeKernelsTest ArithmeticTest LibraryFilesTest ProcessorTest}
mvn -o -q -B test -pl native -am -Dformat.skip=true "-Djvm=$work/bin/java" \
  "-Dtest=${tests// /,}" -Dsurefire.failIfNoSpecifiedTests=false
grep -h -o 'testsuite .*name="[^"]*"\|tests="[0-9]*"\|errors="[0-9]*"\|skipped="[0-9]*"\|failures="[0-9]*"' \
  native/target/surefire-reports/TEST-*.xml | grep -v testsuite | paste -sd' '
