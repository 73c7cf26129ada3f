#!/bin/sh
# The whole test suite. On Debian as root it installs what is missing; elsewhere it says what it could not
# run, and fails unless WITHOUT_ASTERISK=1 says that this is meant.
set -eu
cd "$(dirname "$0")/.."

# The race detector needs a C compiler.
if ! command -v gcc >/dev/null 2>&1 && command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
	apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends gcc libc6-dev
fi
race=-race
if ! command -v gcc >/dev/null 2>&1; then
	echo "no gcc: the tests run without the race detector" >&2
	race=
fi

# One test has a real text-to-speech engine speak.
if ! command -v espeak-ng >/dev/null 2>&1 && [ "${WITHOUT_ASTERISK:-}" != 1 ] && command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
	apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends espeak-ng
fi

asterisk=yes
if [ "${WITHOUT_ASTERISK:-}" = 1 ]; then
	asterisk=no
elif ! sh test/asterisk/install.sh; then
	asterisk=missing
	export WITHOUT_ASTERISK=1
fi

sh test/sqlserver/install.sh || {
	echo "without PostgreSQL and MariaDB the tests of databases fail" >&2
	exit 1
}

sh test/redisserver/install.sh || {
	echo "without Redis or Valkey the tests of it fail" >&2
	exit 1
}

unformatted=$(gofmt -l .)
if [ -n "$unformatted" ]; then
	echo "not formatted (gofmt -w):" >&2
	echo "$unformatted" >&2
	exit 1
fi
go vet ./...
go test $race -timeout 15m ./...

case $asterisk in
no) echo "not run, as WITHOUT_ASTERISK=1 asked: everything that needs a real Asterisk" ;;
missing)
	echo "everything that needs a real Asterisk was not run, see above; WITHOUT_ASTERISK=1 makes that acceptable" >&2
	exit 1
	;;
esac
