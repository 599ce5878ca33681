#!/bin/sh
# Builds squall/rabbitmq and squall/mariadb from Debian packages, for machines
# that reach Debian's mirror but no image registry. Needs root and a container
# engine; installs mmdebstrap when it is missing. An image that is already
# there is kept unless FORCE=1.
set -eu

cd "$(dirname "$0")"
suite=trixie

log() { echo "images: $*" >&2; }

need_mmdebstrap() {
	command -v mmdebstrap >/dev/null 2>&1 && return
	log "installing mmdebstrap"
	apt-get update -qq
	DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends mmdebstrap >/dev/null
}

# build NAME PACKAGES: a root file system with PACKAGES, imported as a base
# image, then the NAME folder's Dockerfile on top of it.
build() {
	name=$1 packages=$2
	if [ "${FORCE:-0}" != 1 ] && docker image inspect "squall/$name:latest" >/dev/null 2>&1; then
		log "squall/$name is there already (FORCE=1 rebuilds it)"
		return
	fi
	need_mmdebstrap
	work=$(mktemp -d)
	trap 'rm -rf "$work"' EXIT INT TERM
	log "building squall/$name"
	mmdebstrap --quiet --variant=minbase --include="$packages" \
		--aptopt='APT::Install-Recommends "false"' \
		--dpkgopt='path-exclude=/usr/share/doc/*' \
		--dpkgopt='path-exclude=/usr/share/man/*' \
		--dpkgopt='path-exclude=/usr/share/locale/*' \
		--essential-hook='printf "#!/bin/sh\nexit 101\n" >"$1/usr/sbin/policy-rc.d"; chmod +x "$1/usr/sbin/policy-rc.d"' \
		"$suite" "$work/rootfs.tar"
	docker import "$work/rootfs.tar" "squall/$name-base:latest" >/dev/null
	docker build -q -t "squall/$name:latest" "$name" >/dev/null
	rm -rf "$work"
	trap - EXIT INT TERM
	log "squall/$name is built"
}

build rabbitmq rabbitmq-server,ca-certificates
build mariadb mariadb-server-core,mariadb-client-core
