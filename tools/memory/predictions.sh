#!/usr/bin/env bash
# predictions.sh MODELS [ROW...]: a table of the memory that eleven runs, or those of these numbers, were predicted to
# need and the most that they had. Fails if a prediction is too small, or more than 12 % too large.
#
# MODELS is a folder in which models of random weights lie or are made: gpt2, qwen05 and gemma270, made of the
# config.json files that CONFIGS has (gpt2-124m.config.json and so on).
#   MFT=./mft CONFIGS=folder STEPS=2 BACKEND=vector tools/memory/predictions.sh MODELS
set -euo pipefail
mft=${MFT:-$(cd "$(dirname "$0")/../.." && pwd)/mft}
steps=${STEPS:-2}
backend=(${BACKEND:+--backend "$BACKEND"})
models=$1
shift
wanted=("$@")
mkdir -p "$models"

make() { # name config
  [[ -d $models/$1 ]] || "$mft" init --config "${CONFIGS:?}/$2" --output "$models/$1" --dtype bf16 >&2
}
make gpt2 gpt2-124m.config.json
make qwen05 qwen2.5-0.5b-base.config.json
make gemma270 gemma-3-270m.config.json

number=0
wrong=0
row() { # model method batch length budget option...
  number=$((number + 1))
  ((${#wanted[@]} == 0)) || [[ " ${wanted[*]} " == *" $number "* ]] || return 0
  local json predicted peak
  json=$("$mft" bench step --json --model "$models/$1" --method "$2" --batch-size "$3" --max-seq-length "$4" \
    --memory-budget "$5" --steps "$steps" "${backend[@]}" "${@:6}" 2>/dev/null)
  predicted=$(sed -n 's/.*"planned_bytes":\([0-9]*\).*/\1/p' <<<"$json")
  peak=$(sed -n 's/.*"peak_rss_bytes":\([0-9]*\).*/\1/p' <<<"$json")
  awk -v model="$1" -v method="$2${6:+ ${*:6}}" -v shape="$3 x $4" -v budget="$5" -v p="$predicted" -v m="$peak" 'BEGIN {
    printf "| %s | %s | %s | %s | %.0f MB | %.0f MB | %.1f %% |\n", model, method, shape, budget, p/1e6, m/1e6, 100*(p-m)/p
    exit !(m <= p && p - m <= 0.12 * p) }' || wrong=$((wrong + 1))
}

echo "| model | method | batch | budget | predicted | peak (VmHWM) | too much |"
echo "|---|---|---|---:|---:|---:|---:|"
row gpt2 lora 8 128 300MB
row gpt2 lora 8 128 440MB
row gpt2 lora 1 512 350MB
row gpt2 full 8 128 700MB
row gpt2 full 8 128 1150MB
row qwen05 lora 1 256 330MB
row qwen05 lora 8 128 680MB
row qwen05 lora 4 256 500MB
row gemma270 lora 8 128 320MB
row gemma270 lora 8 128 490MB
row qwen05 lora 4 256 400MB --allow micro-batch,bf16-boundaries
((wrong == 0)) || { echo "$wrong predictions are not within 0 and 12 % of the peak" >&2; exit 1; }
