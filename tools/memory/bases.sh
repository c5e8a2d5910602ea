#!/usr/bin/env bash
# bases.sh MODEL TEXT OTHER: what a quantised base costs, as perplexities on f32, int8 and int4.
#
# MODEL was trained on text like TEXT; OTHER is text it has not seen: LoRA learns nine tenths of it, and the rest is
# asked before and after. Then the quickstart's model learns its commands. The adapters of quantised bases are also
# put on the float32 base.
#   MFT=./mft STEPS=120 tools/memory/bases.sh stories260K/hf tinystories.txt tinyshakespeare.txt
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
mft=${MFT:-$root/mft}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
lines=$(($(wc -l < "$3") * 9 / 10))
head -n "$lines" "$3" > "$work/train.txt"
tail -n "+$((lines + 1))" "$3" > "$work/heldout.txt"

fail() {
  cat "$work/log" >&2
  exit 1
}

ppl() { # model data option...
  "$mft" eval ppl --json --as-is --model "$1" --data "$2" "${@:3}" 2> "$work/log" > "$work/json" || fail
  printf '%#.4g' "$(sed 's/.*"perplexity":\([0-9.]*\).*/\1/' "$work/json")"
}

train() { # name base option...
  "$mft" train --base-format "$2" --output-dir "$work/$1-$2" --overwrite-output-dir "${@:3}" > "$work/log" 2>&1 || fail
}

row() { # title then values
  printf '| %s | %s | %s | %s |\n' "$@"
}

each() { # title then a function of a base's format
  local f32 int8 int4
  f32=$("$2" as-is)
  int8=$("$2" int8)
  int4=$("$2" int4)
  row "$1" "$f32" "$int8" "$int4"
}

# shellcheck disable=SC2317,SC2329 # called by name
seen() { ppl "$model" "$text" --base-format "$1"; }
# shellcheck disable=SC2317,SC2329
before() { ppl "$model" "$heldout" --base-format "$1"; }
# shellcheck disable=SC2317,SC2329
after() { ppl "$model" "$heldout" --base-format "$1" --adapter "$work/$name-$1"; }
# shellcheck disable=SC2317,SC2329
moved() { ppl "$model" "$heldout" --adapter "$work/$name-$1"; }

echo "| perplexity | f32 | int8 | int4 |"
echo "|---|---:|---:|---:|"
model=$1 text=$2 heldout=$work/heldout.txt name=text
for base in as-is int8 int4; do
  train text $base --model "$model" --train-file "$work/train.txt" --max-steps "${STEPS:-120}" --batch-size 8 \
    --max-seq-length 256 --lora-r 8 --learning-rate 2e-3
done
each "text it was trained on" seen
each "other text" before
each "the same after LoRA" after
each "that adapter on the f32 base" moved

cp -r "$root/quickstart/model" "$work/model" # a converted base is kept beside it
model=$work/model heldout=$root/quickstart/heldout.jsonl name=commands
for base in as-is int8 int4; do
  train commands $base --config "$root/quickstart/lora.yaml" --model "$model" --train-file "$root/quickstart/train.jsonl"
done
each "quickstart's model, held-out commands" before
each "the same after LoRA" after
each "that adapter on the f32 base" moved
