#!/bin/sh
# Sees to it that this machine has an Asterisk for the tests; does nothing when it has one.
#
# In this order: an asterisk on PATH, the distribution's own package, else Debian unstable in a
# folder of its own (its libc is newer than that of Debian's stable releases). Prints one line
# saying which. lab.go looks in the same places in the same order.
set -eu

min=20 # the oldest major version the lab is written for
dir=${IVRD_LAB_DIR:-/var/cache/ivrd-lab}
root=$dir/root
ready=$root/.ivrd-lab-ready # written last: a tree without it is half finished

say() { printf '%s\n' "$*"; }
die() { say "install.sh: $*" >&2; exit 1; }

major() { sed -n 's/^Asterisk \([0-9][0-9]*\).*/\1/p'; }

on_path() {
	command -v asterisk >/dev/null 2>&1 || return 1
	v=$(asterisk -V | major)
	[ "${v:-0}" -ge $min ] || return 1
	say "$(asterisk -V) at $(command -v asterisk)"
}

in_tree() {
	[ -e "$ready" ] || return 1
	say "$(chroot "$root" /usr/sbin/asterisk -V) in $root"
}

# Candidate versions look like 1:22.10.1~dfsg-1.
has_package() {
	v=$(apt-cache policy asterisk 2>/dev/null | sed -n 's/^  Candidate: \([0-9]*:\)\{0,1\}\([0-9][0-9]*\).*/\2/p')
	[ "${v:-0}" -ge $min ]
}

packages="asterisk asterisk-modules asterisk-core-sounds-en-wav"

install_package() {
	policy=/usr/sbin/policy-rc.d # a test machine wants no Asterisk running by itself
	if [ ! -e $policy ]; then
		printf '#!/bin/sh\nexit 101\n' >$policy
		chmod 755 $policy
		trap 'rm -f /usr/sbin/policy-rc.d' EXIT
	fi
	list=
	for p in $packages; do # other releases split the package in other ways
		apt-cache show "$p" >/dev/null 2>&1 && list="$list $p"
	done
	# shellcheck disable=SC2086
	apt-get install -y --no-install-recommends -o Acquire::Retries=5 $list
}

# The mirror of this release, as apt itself reads sources.list and *.sources.
mirror() {
	. /etc/os-release
	apt-get indextargets --format '$(SITE) $(RELEASE)' 'Created-By: Packages' |
		awk -v r="${VERSION_CODENAME:-sid}" '$2 == r || $2 == "stable" || $2 == "testing" || $2 == "sid" || $2 == "unstable" { print $1 }' |
		grep '/debian/*$\|/archive/debian/' | head -n 1
}

# Runs in a mount namespace of its own where that is allowed, so that no mount outlives it.
build_tree() {
	rm -rf --one-file-system "$root"
	mkdir -p "$root"
	debootstrap --variant=minbase --include=ca-certificates sid "$root" "$1"
	mountpoint -q "$root/proc" || mount -t proc proc "$root/proc" || say "going on without /proc"
	printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
	chmod 755 "$root/usr/sbin/policy-rc.d"
	echo force-unsafe-io >"$root/etc/dpkg/dpkg.cfg.d/unsafe-io"
	cat >"$root/etc/apt/apt.conf.d/90lab" <<-END
		Acquire::Check-Valid-Until "false";
		Acquire::Retries "5";
	END
	[ -z "${http_proxy:-}" ] || echo "Acquire::http::Proxy \"$http_proxy\";" >>"$root/etc/apt/apt.conf.d/90lab"
	printf '127.0.0.1 localhost\n::1 localhost\n' >"$root/etc/hosts" # debootstrap leaves it to the installer
	in_chroot apt-get update
	# shellcheck disable=SC2086
	in_chroot apt-get install -y --no-install-recommends $packages
	in_chroot apt-get clean
	in_chroot /usr/sbin/asterisk -V >/dev/null
}

in_chroot() { DEBIAN_FRONTEND=noninteractive LC_ALL=C PATH=/usr/sbin:/usr/bin:/sbin:/bin chroot "$root" "$@"; }

make_tree() {
	url=$(mirror)
	[ -n "$url" ] || die "no asterisk on PATH, none packaged here, and apt's sources name no Debian mirror to take one from"
	command -v debootstrap >/dev/null 2>&1 || apt-get install -y --no-install-recommends -o Acquire::Retries=5 debootstrap
	proxy=$(apt-config shell p Acquire::http::Proxy) && eval "$proxy"
	[ -z "${p:-}" ] || export http_proxy="$p"
	private=
	if unshare --mount --propagation private true 2>/dev/null; then
		private="unshare --mount --propagation private"
	fi
	for try in 1 2 3; do
		$private sh "$0" --build "$url" && date >"$ready" && return
		say "the mirror or debootstrap let us down (try $try of 3)" >&2
	done
	die "could not build the tree in $root; the log is $log"
}

if [ "${1:-}" = --build ]; then
	build_tree "$2"
	exit
fi

on_path && exit
in_tree && exit

[ "$(id -u)" = 0 ] || die "no asterisk (version $min or newer) on PATH, and only root can install one"
command -v apt-get >/dev/null 2>&1 || die "no asterisk (version $min or newer) on PATH, and this is not Debian: please install one"
[ "$(command -v flock)" ] && mkdir -p "$dir" && exec 9>"$dir/lock" && flock 9
in_tree && exit # another install.sh was faster

log=$dir/install.log
export DEBIAN_FRONTEND=noninteractive
say "installing Asterisk, about a minute; the log is $log"
{
	apt-get update -o Acquire::Retries=5 || say "going on with the package lists that are here"
	if has_package; then install_package; else make_tree; fi
} >"$log" 2>&1 9>&- || { tail -n 20 "$log" >&2; die "see $log"; }
on_path || in_tree || die "installed, but no asterisk to be found; see $log"
