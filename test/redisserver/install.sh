#!/bin/sh
# Sees to it that this machine has Redis or Valkey for the tests, both where the distribution has both; does nothing
# when it has one.
set -eu

have() { command -v redis-server >/dev/null 2>&1 || command -v valkey-server >/dev/null 2>&1; }
die() { printf 'install.sh: %s\n' "$*" >&2; exit 1; }
offered() { apt-cache policy "$1" | grep -q '^  Candidate: [^(]'; }

have && exit
[ "$(id -u)" = 0 ] || die "neither Redis nor Valkey here, and only root can install them"
command -v apt-get >/dev/null 2>&1 || die "neither Redis nor Valkey here, and this is not Debian: please install one"

policy=/usr/sbin/policy-rc.d # a test machine wants none of them running by itself
if [ ! -e $policy ]; then
	printf '#!/bin/sh\nexit 101\n' >$policy
	chmod 755 $policy
	trap 'rm -f /usr/sbin/policy-rc.d' EXIT
fi
log=${TMPDIR:-/tmp}/ivrd-redis.log
export DEBIAN_FRONTEND=noninteractive
printf 'installing Redis or Valkey; the log is %s\n' "$log"
{
	apt-get update -o Acquire::Retries=5 || printf 'going on with the package lists that are here\n'
	for package in redis-server valkey-server; do
		! offered $package || apt-get install -y --no-install-recommends -o Acquire::Retries=5 $package
	done
} >"$log" 2>&1 || { tail -n 20 "$log" >&2; die "see $log"; }
have || die "installed, but not to be found; see $log"
