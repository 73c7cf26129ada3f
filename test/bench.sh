#!/bin/sh
# The benchmarks, all in one run; see test/bench. Arguments are for the first part; WITHOUT_ASTERISK=1 leaves out
# the last, which has calls of a real Asterisk.
set -eu
cd "$(dirname "$0")/.."
sh test/sqlserver/install.sh
sh test/redisserver/install.sh
go run ./test/bench "$@"
go test -run '^$' -bench 'Say|Asking' -benchtime 0.3s ./engine/say ./test/bench
[ "${WITHOUT_ASTERISK:-}" = 1 ] && exit
sh test/asterisk/install.sh
go test -run '^$' -bench ARI -benchtime 1x ./test/bench
