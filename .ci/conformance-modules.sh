#!/usr/bin/env bash
# conformance-modules.sh go|rust: tests the vectors as another language has them. Exits with 77 if what
# the examples need cannot be had.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../conformance"

unavailable() {
  printf 'what the examples need cannot be had: %s\n' "$1"
  exit 77
}

case $1 in
  go)
    go mod download || unavailable 'no Go modules'
    unformatted=$(gofmt -l .)
    [ -z "$unformatted" ] || { printf 'gofmt would change %s\n' "$unformatted"; exit 1; }
    go vet ./...
    go test ./...
    ;;
  rust)
    cargo fetch --quiet || unavailable 'no crates'
    if command -v rustfmt >/dev/null; then cargo fmt --check; fi
    cargo test --quiet
    ;;
esac
