#!/bin/sh
# The benchmarks, all in one run; see test/bench.
set -eu
cd "$(dirname "$0")/.."
exec go run ./test/bench "$@"
