#!/bin/sh
# Makes the image of the container that holds a Pod's namespaces, from Debian's static busybox: pause.sh ARCHIVE NAME
set -eu

archive=$1
name=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM HUP

cd "$work"
mkdir image
apt-get -qq -o APT::Sandbox::User= download busybox-static
dpkg -x busybox-static_*.deb package
mv "$(find package -path '*/bin/busybox' -type f)" image/busybox
tar --sort=name --owner=0 --group=0 --numeric-owner -cf layer.tar -C image .
digest=$(sha256sum layer.tar | cut -d ' ' -f 1)
printf '{"architecture":"%s","os":"linux","config":{"Entrypoint":["/busybox","sleep","2147483647"]},"rootfs":{"type":"layers","diff_ids":["sha256:%s"]}}' \
  "$(dpkg --print-architecture)" "$digest" >config.json
printf '[{"Config":"config.json","RepoTags":["%s"],"Layers":["layer.tar"]}]' "$name" >manifest.json
tar -cf "$archive.new" manifest.json config.json layer.tar
mv "$archive.new" "$archive"
