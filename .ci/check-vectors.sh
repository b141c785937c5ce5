#!/usr/bin/env bash
# Fails if conformance/ is not what its generator makes. Leaves the work tree alone.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

fresh=$(mktemp -d)
trap 'rm -rf "$fresh"' EXIT

node dist/conformance/generator/main.js "$fresh"
code=0
for made in vectors raw packets.pcapng manifest.json schema/mutations.schema.json src/files.rs; do
  diff -r "$fresh/$made" "conformance/$made" || code=1
done
if [ "$code" -ne 0 ]; then
  echo 'conformance/ is not what its generator makes: npm run build && npm run vectors' >&2
fi
exit "$code"
