#!/usr/bin/env bash
# Trains on a phone over adb, without an app: pushes the dex jar, the model and the data, runs, and
# pulls what has come out.
#
#   android/tools/adb-train.sh MODEL_DIR DATA_FILE OUTPUT_DIR [options of train]
#
# The same command goes on after the phone was unplugged or the run was killed: what is on the phone
# stays there. MFT_HEAP (default 512m) is the Java heap, MFT_REMOTE the folder on the phone, and
# ANDROID_SERIAL names the phone if there are several.
set -euo pipefail

jar=$(ls "$(dirname "$0")"/../sdk/target/mft-android-*-dex.jar 2>/dev/null | head -1 || true)
remote=${MFT_REMOTE:-/data/local/tmp/mft}
heap=${MFT_HEAP:-512m}

fail() {
  echo "error: $1" >&2
  exit 2
}

[[ $# -ge 3 ]] || fail "expected MODEL_DIR DATA_FILE OUTPUT_DIR, found $# arguments; see the head of this file"
command -v adb >/dev/null || fail "expected adb on the PATH, found none; install Android's platform tools"
[[ -n $jar ]] || fail "expected the dex jar, found none in android/sdk/target; run mvn -Pandroid verify"
[[ -f $1/config.json ]] || fail "expected config.json in the model folder, found none in $1"
[[ -f $2 ]] || fail "expected a data file, found none at $2"
[[ ${heap,,} =~ ^[0-9]+[mg]$ ]] || fail "expected MFT_HEAP such as 512m, found $heap"
model=$1 data=$2 output=$3
shift 3

# A run is known by its three names, so that the same command finds it again.
run=$remote/run-$(printf '%s\n' "$(realpath "$model")" "$(realpath "$data")" "$(realpath -m "$output")" | cksum | cut -d' ' -f1)

# Quotes each word for the shell on the phone.
quoted() {
  local word
  for word in "$@"; do
    printf " '%s'" "${word//\'/\'\\\'\'}"
  done
}

# Pushes a file unless one of the same size is there.
push() {
  local there
  there=$(adb shell "stat -c %s$(quoted "$2") 2>/dev/null || true" | tr -d '\r')
  [[ $there == $(stat -c %s "$1") ]] || adb push "$1" "$2"
}

adb shell "mkdir -p$(quoted "$run/model")"
adb push "$jar" "$remote/mft-dex.jar"
for file in "$model"/*.json "$model"/*.safetensors "$model"/*.txt "$model"/*.jinja; do
  [[ -f $file ]] && push "$file" "$run/model/$(basename "$file")"
done
adb push "$data" "$run/$(basename "$data")"

status=0
adb shell "cd$(quoted "$run") && exec dalvikvm64 -Xmx$heap -Djava.io.tmpdir=$(quoted "$run" | sed 's/^ //') \
  -cp$(quoted "$remote/mft-dex.jar") org.mobilefinetuner.android.shell.Main train \
  --model model --data$(quoted "$(basename "$data")") --output-dir out$(quoted "$@")" || status=$?

if [[ $status -eq 0 ]]; then
  mkdir -p "$output"
  adb pull "$run/out/." "$output"
  echo "The result is in $output; on the phone it is in $run/out"
fi
exit "$status"
