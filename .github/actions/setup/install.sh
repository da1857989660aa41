#!/usr/bin/env bash
# Installs plumbline from a release for the later steps of a job. It is told what
# by its environment: PLUMBLINE_VERSION, PLUMBLINE_SHA256, PLUMBLINE_RELEASES, and
# what runners set. It keeps to what bash 3.2 of macOS and bash of Git for
# Windows know, and sends no token anywhere.
set -euo pipefail

# fail ends the step. Quoted values (%q) have no line breaks, so that none of
# them can begin a workflow command of its own.
fail() {
	printf '::error::plumbline setup: %s\n' "$*"
	exit 1
}

# fetch FILE ADDRESS: redirects stay with the protocol, whole files only.
fetch() {
	curl --proto "=$protocol" --proto-redir "=$protocol" --fail --location --silent --show-error \
		--retry 3 --connect-timeout 20 --max-time 300 --max-filesize 100000000 --output "$1" "$2"
}

digest() {
	if command -v sha256sum >/dev/null; then
		sha256sum <"$1" | cut -c1-64
	else
		shasum -a 256 <"$1" | cut -c1-64
	fi
}

version=${PLUMBLINE_VERSION:-latest} want=${PLUMBLINE_SHA256:-}
releases=${PLUMBLINE_RELEASES:-https://github.com/plumbline-ci/plumbline/releases}
releases=${releases%/}
is_version='^v[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?$'
[[ $version == latest || $version =~ $is_version ]] || fail "input version: $(printf %q "$version") is none; want latest or a release such as v0.1.0"
[[ -z $want || $want =~ ^[0-9a-fA-F]{64}$ ]] || fail "input sha256: $(printf %q "$want") is none; want 64 hexadecimal digits"
protocol=https
# Over a network http would let anyone on the way answer.
if [[ $releases =~ ^http://127\.0\.0\.1:[0-9]+(/[A-Za-z0-9._~/-]*)?$ ]]; then
	protocol=http
elif ! [[ $releases =~ ^https://[A-Za-z0-9.-]+(:[0-9]+)?(/[A-Za-z0-9._~/-]*)?$ ]]; then
	fail "input releases: $(printf %q "$releases") is no address of https; want one such as https://github.com/plumbline-ci/plumbline/releases"
fi

case ${RUNNER_OS:-} in
Linux) os=linux suffix= ;;
macOS) os=darwin suffix= ;;
Windows) os=windows suffix=.exe ;;
*) fail "RUNNER_OS is $(printf %q "${RUNNER_OS:-}"); there are programs for Linux, macOS and Windows" ;;
esac
case ${RUNNER_ARCH:-} in
X64) arch=amd64 ;;
ARM64) arch=arm64 ;;
*) fail "RUNNER_ARCH is $(printf %q "${RUNNER_ARCH:-}"); there are programs for X64 and ARM64" ;;
esac
[[ -d ${RUNNER_TEMP:-} && -n ${GITHUB_PATH:-} ]] || fail "RUNNER_TEMP or GITHUB_PATH is not there: this script is a step of GitHub Actions"
command -v curl >/dev/null || fail "curl is not installed"

if [[ $version == latest ]]; then
	# The page of the newest release redirects to that of its version.
	page=$(curl --proto "=$protocol" --silent --show-error --retry 3 --connect-timeout 20 --max-time 60 --output /dev/null \
		--write-out '%{redirect_url}' "$releases/latest") || fail "$releases/latest cannot be reached"
	version=${page##*/}
	[[ $version =~ $is_version ]] || fail "$releases/latest leads to no release; name one by the input version"
fi

# Every version and try has a folder of its own, which goes with the job.
dir=$(mktemp -d "$RUNNER_TEMP/plumbline.XXXXXX")
trap 'rm -rf "$dir"' EXIT
name=plumbline-$os-$arch$suffix
# The commit of a release has the checksums beside this file: then whoever pins
# the action by its commit has pinned the programs as well.
list=$(dirname "$0")/checksums-$version.txt
if [[ -z $want ]]; then
	if ! [[ -f $list ]]; then
		list=$dir/checksums.txt
		fetch "$list" "$releases/download/$version/checksums.txt" || fail "$releases has no release $version with checksums"
	fi
	want=$(awk -v name="$name" '$2 == name || $2 == "*" name { print $1 }' "$list")
	[[ $want =~ ^[0-9a-f]{64}$ ]] || fail "the checksums of release $version do not have one line for $name"
fi
program=$dir/plumbline$suffix
fetch "$program" "$releases/download/$version/$name" || fail "$releases has no $name of release $version"
got=$(digest "$program")
# bash 3.2 has no ${want,,}.
want=$(printf %s "$want" | tr A-F a-f)
[[ $got == "$want" ]] || fail "$name of release $version has the SHA-256 $got, want $want: it is not what was released, and was removed"
chmod 755 "$program"
"$program" version || fail "$name of release $version does not start on this runner"
rm -f "$dir/checksums.txt"

if command -v cygpath >/dev/null; then # later steps need not be of bash
	dir=$(cygpath -w "$dir") program=$(cygpath -w "$program")
fi
printf '%s\n' "$dir" >>"$GITHUB_PATH"
printf 'version=%s\npath=%s\n' "$version" "$program" >>"${GITHUB_OUTPUT:-/dev/null}"
trap - EXIT
