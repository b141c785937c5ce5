#!/usr/bin/env bash
# node-versions.sh <version> [all]: tests what is built on another version of Node, which comes from
# npm: what meets the system (sockets, files, processes, modules), or with `all` everything. Exits
# with 77 if that version cannot be had.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

platform=$(node -p "process.platform + '-' + process.arch")
node=$(.ci/fetch.sh "node-$platform@$1" bin/node)
PATH="$(dirname "$node"):$PATH"
printf 'Node %s\n' "$(node --version)"

tests=()
if [ "${2-}" != all ]; then
  tests=(dist/test/{cli,crypto,package,transport,wire}/*.test.js)
  tests+=(dist/test/telepathine/{sockets,emitter}.test.js dist/test/readme.test.js)
fi
# The tests start the command hundreds of times: its code is compiled once.
NODE_COMPILE_CACHE=$(mktemp -d)
export NODE_COMPILE_CACHE
trap 'rm -rf "$NODE_COMPILE_CACHE"' EXIT
node node_modules/ava/entrypoints/cli.mjs "${tests[@]}"
