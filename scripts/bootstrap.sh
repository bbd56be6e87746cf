#!/usr/bin/env bash
# Installs what is missing to run the program ("run") or its tests too ("test"), and nothing that is there already:
# Python with venv, PostgreSQL with PostGIS, for the tests a Chromium; then .venv with the pinned packages.
# On systems without apt-get it says what to install, and goes on if everything is there.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

what=${1:-run}
case $what in
run) requirements="requirements.txt" ;;
test) requirements="requirements-dev.txt" ;;
*) echo "usage: scripts/bootstrap.sh run|test" >&2 && exit 64 ;;
esac
venv=$PWD/.venv
log=$(mktemp)
trap 'rm -f "$log"' EXIT

step() { printf '==> %s\n' "$*" >&2; }

die() {
	printf 'error: %s\nhint: %s\n' "$1" "$2" >&2
	exit 69
}

needed="install PostgreSQL >= 14 with PostGIS >= 3.3, and Python >= 3.11 with venv"
if [ "$what" = test ]; then needed+=", and for the tests Chromium"; fi

# Run a command without its talk; if it fails, show the end of what it said.
quietly() {
	"$@" >"$log" 2>&1 && return 0
	tail -n 25 "$log" >&2
	return 1
}

as_root() {
	if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

apt() {
	quietly as_root env DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=l \
		apt-get -y -q -o DPkg::Lock::Timeout=600 -o Acquire::Retries=3 "$@"
}

# Once per call of this script, and only if something is to be installed.
refreshed=
apt_refresh() {
	[ -z "$refreshed" ] || return 0
	command -v apt-get >/dev/null || return 1
	[ "$(id -u)" = 0 ] || command -v sudo >/dev/null || return 1
	step "refreshing the list of packages"
	apt update || return 1
	refreshed=yes
}

apt_install() {
	apt_refresh || return 1
	step "installing $*"
	apt install --no-install-recommends "$@"
}

# --- Python ------------------------------------------------------------------------------------------------------------

# Prints the first Python that is new enough and can make virtual environments.
find_python() {
	local candidate
	for candidate in python3 /usr/bin/python3 python3.14 python3.13 python3.12 python3.11; do
		if "$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
			"$candidate" -c 'import sys; print(sys.executable)'
			return 0
		fi
	done
	return 1
}

# --- PostgreSQL with PostGIS -------------------------------------------------------------------------------------------

# Prints the major versions of PostgreSQL installed as Debian does, newest first.
postgresql_majors() {
	local server
	for server in /usr/lib/postgresql/*/bin/postgres; do
		if [ -x "$server" ]; then basename "${server%/bin/postgres}"; fi
	done | sort -rn
}

# The library and the scripts of PostGIS come in two packages.
have_postgis() {
	local major config
	for major in $(postgresql_majors); do
		if [ "$major" -ge 14 ] && [ -e "/usr/lib/postgresql/$major/lib/postgis-3.so" ] &&
			[ -e "/usr/share/postgresql/$major/extension/postgis.control" ]; then return 0; fi
	done
	config=$(command -v pg_config) || return 1
	[ -x "$("$config" --bindir)/postgres" ] && [ -e "$("$config" --sharedir)/extension/postgis.control" ] &&
		compgen -G "$("$config" --pkglibdir)/postgis-3.*" >/dev/null
}

install_postgis() {
	local major
	major=$(postgresql_majors | head -n 1)
	if [ -z "$major" ] || [ "$major" -lt 14 ]; then
		apt_refresh || return 1
		major=$(apt-cache depends postgresql 2>/dev/null | sed -n 's/.*Depends: postgresql-\([0-9]*\)$/\1/p' | head -n 1)
		[ -n "$major" ] || return 1
		apt_install "postgresql-$major" "postgresql-$major-postgis-3"
	else
		apt_install "postgresql-$major-postgis-3"
	fi
}

# --- Chromium, for the tests -------------------------------------------------------------------------------------------

have_chromium() {
	local browser
	for browser in chromium chromium-browser google-chrome; do
		# Ubuntu's chromium-browser can be a mere pointer to a snap
		if command -v "$browser" >/dev/null && "$browser" --version >/dev/null 2>&1; then return 0; fi
	done
	compgen -G "${PLAYWRIGHT_BROWSERS_PATH:-$HOME/.cache/ms-playwright}/chromium*" >/dev/null
}

# Playwright brings a program of its own, which wants a library that a bare system lacks.
driver_starts() {
	"$venv/bin/python" -c 'from playwright._impl._driver import compute_driver_executable as driver
import subprocess, sys; sys.exit(subprocess.call([driver()[0], "--version"]))' >/dev/null 2>&1
}

# --- the virtual environment -------------------------------------------------------------------------------------------

# The test environment holds all that running needs: whoever has it need not go back and forth.
up_to_date() {
	local stamp=$venv/.installed-$1
	[ -x "$venv/bin/incident-map" ] && "$venv/bin/python" -c '' 2>/dev/null &&
		[ "$(cat "$stamp" 2>/dev/null)" = "$(fingerprint "$1")" ]
}

fingerprint() {
	{
		cat "requirements$([ "$1" = test ] && echo -dev).txt"
		echo "$PWD"
	} | sha256sum
}

make_venv() {
	local python=$1
	if ! "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
		step "making .venv with $("$python" --version)"
		rm -rf "$venv"
		quietly "$python" -m venv "$venv" || \
			die "the virtual environment .venv cannot be made" "the lines above say why"
	fi
	step "installing the pinned packages of $requirements into .venv"
	rm -f "$venv"/.installed-*
	quietly "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes \
		--only-binary :all: -r "$requirements" || \
		die "the pinned Python packages cannot be installed" "the lines above say why; is the network reachable?"

	# The program runs from this checkout: its folder is on the path of .venv, and a small script calls it. -P keeps the
	# folders of whoever calls it (there may be one named "maps") off the path.
	local packages
	packages=$("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
	printf '%s\n' "$PWD" >"$packages/incident-map-checkout.pth"
	cat >"$venv/bin/incident-map" <<-'EOF'
		#!/bin/sh
		exec "$(dirname "$(readlink -f "$0")")/python" -P -m geo "$@"
	EOF
	chmod +x "$venv/bin/incident-map"
	if [ "$what" = test ]; then fingerprint test >"$venv/.installed-test"; fi
	fingerprint run >"$venv/.installed-run"
}

# -----------------------------------------------------------------------------------------------------------------------

if ! have_postgis; then
	install_postgis || true
	have_postgis || die "no PostgreSQL with PostGIS is here, and none can be installed" "$needed"
fi

if ! up_to_date "$what"; then
	python=$(find_python) || { apt_install ca-certificates python3 python3-venv || true; }
	python=${python:-$(find_python)} || die "no Python >= 3.11 with venv is here, and none can be installed" "$needed"
	make_venv "$python"
fi

if [ "$what" = test ]; then
	have_chromium || apt_install chromium || true
	driver_starts || apt_install libatomic1 || true
	if ! have_chromium || ! driver_starts; then
		# Ubuntu has Chromium as a snap only, which is of no use in containers and on servers; nothing is fetched from elsewhere
		step "NO CHROMIUM: the tests that need a browser will be skipped; install Chromium or Chrome (no snap) to run them"
	fi
fi
