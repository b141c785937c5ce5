#!/usr/bin/env bash
# capture-tools.sh: tcpdump and tshark, which some tests need to take and to read captures. What is
# missing is installed where Debian's packages can be; what cannot be is named, and so is each test
# that is skipped without it.
set -euo pipefail

missing=()
for tool in tcpdump tshark; do
  if ! [ "$(command -v "$tool")" ]; then missing+=("$tool"); fi
done
if [ ${#missing[@]} -eq 0 ]; then exit 0; fi
if [ "$(id -u)" -eq 0 ] && [ "$(command -v apt-get)" ]; then
  # tshark asks who may capture: nobody but root.
  export DEBIAN_FRONTEND=noninteractive
  log=$(mktemp)
  { apt-get update -qq && apt-get install -qq -y --no-install-recommends "${missing[@]}"; } \
    >"$log" 2>&1 || cat "$log" >&2
  rm -f "$log"
fi
for tool in "${missing[@]}"; do
  if ! [ "$(command -v "$tool")" ]; then
    printf 'skipped: tests that need %s, which cannot be installed\n' "$tool"
  fi
done
