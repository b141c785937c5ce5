#!/usr/bin/env bash
# Lints the package as it would be published, and its types under each way to resolve modules.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

npm pack --silent --ignore-scripts --pack-destination "$folder"
npx --no -- publint run --strict "$folder"/*.tgz
# Node 20.19 and later can require a module, which the rule that is left out does not know.
npx --no -- attw --profile node16 --ignore-rules cjs-resolves-to-esm --no-emoji "$folder"/*.tgz
