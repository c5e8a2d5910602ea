#!/usr/bin/env bash
# Counts the instructions of the product's inner loops in the library for arm64.
#
#   tools/arm64/inner-loops.sh [LIBRARY]    needs an objdump for arm64 (Debian: binutils-aarch64-linux-gnu or llvm)
#
# A tile of R rows and V vectors should take R*V multiply-adds and R/4 + V loaded registers for each k: nothing is
# spilled and nothing loaded twice. One line for each size of tile, the largest first; exits with 1 if the largest
# loads more than it should.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
library=${1:-$root/native/src/main/resources/org/mobilefinetuner/jni/libmft-arm64.so}
objdump=$(command -v aarch64-linux-gnu-objdump llvm-objdump | head -1 || true)
[[ -n $objdump ]] || {
  echo "inner-loops: needs aarch64-linux-gnu-objdump or llvm-objdump, found neither" >&2
  exit 2
}

"$objdump" -d --no-show-raw-insn "$library" | awk '
  function hex(s,  i, n) {
    n = 0
    for (i = 1; i <= length(s); i++) n = n * 16 + index("0123456789abcdef", substr(s, i, 1)) - 1
    return n
  }
  $1 ~ /^[0-9a-f]+:$/ {
    at = hex(substr($1, 1, length($1) - 1))
    address[++count] = at
    place[at] = count
    # multiply-adds with one lane of a vector: only tiles have them
    fma[count] = $2 ~ /^fmla/ && $0 ~ /s\[[0-3]\]/
    load[count] = $2 ~ /^ld[rpu]/ && $3 ~ /^q/ ? ($2 == "ldp" ? 2 : 1) : 0
    store[count] = $2 ~ /^st[rpu]/ && $3 ~ /^q/
    if ($2 ~ /^(b\.|cbn?z|tbn?z)/ && match($0, /0x[0-9a-f]+/)) {
      target = hex(substr($0, RSTART + 2, RLENGTH - 2))
      if (target < at && target in place) { from[++loops] = place[target]; to[loops] = count }
    }
  }
  END {
    for (l = 1; l <= loops; l++) {
      inner = 1
      for (m = 1; m <= loops; m++) if (m != l && from[m] >= from[l] && to[m] <= to[l]) inner = 0
      if (!inner) continue
      f = loads = stores = 0
      for (i = from[l]; i <= to[l]; i++) { f += fma[i]; loads += load[i]; stores += store[i] }
      if (f > 0 && stores == 0) print f, loads, to[l] - from[l] + 1
    }
  }' | sort -k1,1nr -k2,2n | uniq | awk '
  BEGIN { print "multiply-adds  loaded registers  instructions  multiply-adds per load" }
  {
    printf "%13d  %16d  %12d  %22.2f\n", $1, $2, $3, $1 / $2
    if (NR == 1) best = $1 / $2
  }
  END {
    ideal = 24 / 5 # 8 rows x 3 vectors: 2 registers of A, 3 of B
    printf "largest tile: %.2f multiply-adds per loaded register, %.2f if nothing is loaded twice\n", best, ideal
    exit best < ideal - 0.005
  }'
