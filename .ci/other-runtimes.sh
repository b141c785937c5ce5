#!/usr/bin/env bash
# other-runtimes.sh <bun|deno>: tries what is built on another runtime, which comes from npm, and in a
# mesh with Node. Exits with 77 if that runtime cannot be had. docs/RUNTIMES.md names the versions too.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

bun_version=1.4.5
deno_version=2.9.6
platform=$(node -p "process.platform + '-' + process.arch")
case $1-$platform in
  bun-*-x64) package=@oven/bun-$platform@$bun_version file=bin/bun ;;
  bun-*-arm64) package=@oven/bun-${platform/arm64/aarch64}@$bun_version file=bin/bun ;;
  deno-linux-*) package=@deno/$platform-glibc@$deno_version file=deno ;;
  deno-*) package=@deno/$platform@$deno_version file=deno ;;
  *)
    printf 'usage: %s bun|deno\n' "$0" >&2
    exit 2
    ;;
esac
program=$(.ci/fetch.sh "$package" "$file")
printf '%s %s\n' "$1" "$("$program" --version | head -n 1)"
node .ci/runtimes/trial.mjs "$1" "$program"
