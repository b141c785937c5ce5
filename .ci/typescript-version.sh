#!/usr/bin/env bash
# typescript-version.sh <version>: compiles an application against the package that is built, with
# another version of TypeScript, which comes from npm. Exits with 77 if that version cannot be had.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

TELEPATHINE_TSC=$(.ci/fetch.sh "typescript@$1" bin/tsc)
export TELEPATHINE_TSC
node "$TELEPATHINE_TSC" --version
npx --no -- ava dist/test/package/consumer.test.js --match 'types are right*nodenext'
