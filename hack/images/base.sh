#!/bin/sh
# Makes a stand-in for docker.io/library/node:24-slim from Debian's packages and npm, where no registry is reached.
#
#   base.sh IMAGE NODE
#
# NODE is the Node.js binary to put in. With buildah, as root.
set -eu

image=$1
node=$2
mirror=${DEBIAN_MIRROR:-http://deb.debian.org/debian}
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
trap 'exit 1' INT TERM HUP

echo "debootstrap bookworm from $mirror"
debootstrap --variant=minbase bookworm "$root" "$mirror" >"$root.log" 2>&1 || { tail -n 5 "$root.log"; rm -f "$root.log"; exit 1; }
rm -rf "$root.log" "$root"/var/cache/apt/* "$root"/var/lib/apt/lists/* "$root"/var/log/* \
  "$root"/usr/share/doc/* "$root"/usr/share/locale/* "$root"/usr/share/man/*
echo "npm"
npm install --global --prefix="$root/usr/local" --no-audit --no-fund --loglevel=error npm@11
cp "$node" "$root/usr/local/bin/node"
chmod 755 "$root"

container=$(buildah from scratch)
trap 'buildah rm "$container" >/dev/null; rm -rf "$root"' EXIT
buildah copy --quiet "$container" "$root" / >/dev/null
buildah config --cmd node --env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$container"
buildah commit --quiet "$container" "$image" >/dev/null
