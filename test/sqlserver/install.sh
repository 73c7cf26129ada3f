#!/bin/sh
# Sees to it that this machine has PostgreSQL and MariaDB for the tests; does nothing when it has them.
set -eu

have() {
	ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || command -v postgres >/dev/null 2>&1 || return 1
	command -v mariadbd >/dev/null 2>&1 || [ -x /usr/sbin/mariadbd ]
}
die() { printf 'install.sh: %s\n' "$*" >&2; exit 1; }

have && exit
[ "$(id -u)" = 0 ] || die "no PostgreSQL or no MariaDB here, and only root can install them"
command -v apt-get >/dev/null 2>&1 || die "no PostgreSQL or no MariaDB here, and this is not Debian: please install them"

policy=/usr/sbin/policy-rc.d # a test machine wants none of them running by itself
if [ ! -e $policy ]; then
	printf '#!/bin/sh\nexit 101\n' >$policy
	chmod 755 $policy
	trap 'rm -f /usr/sbin/policy-rc.d' EXIT
fi
log=${TMPDIR:-/tmp}/ivrd-databases.log
export DEBIAN_FRONTEND=noninteractive
printf 'installing PostgreSQL and MariaDB; the log is %s\n' "$log"
{
	apt-get update -o Acquire::Retries=5 || printf 'going on with the package lists that are here\n'
	apt-get install -y --no-install-recommends -o Acquire::Retries=5 postgresql mariadb-server
} >"$log" 2>&1 || { tail -n 20 "$log" >&2; die "see $log"; }
have || die "installed, but not to be found; see $log"
