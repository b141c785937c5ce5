#!/usr/bin/env bash
# Fails if gen/ is not what the schema generates. Leaves the work tree alone.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
PATH="$PWD/node_modules/.bin:$PATH"

fresh=$(mktemp -d)
trap 'rm -rf "$fresh"' EXIT

buf generate --output "$fresh"
if ! diff -ru gen "$fresh/gen"; then
  echo 'gen/ is not what proto/ generates: npm run generate' >&2
  exit 1
fi
