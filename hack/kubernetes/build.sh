#!/bin/sh
# Builds etcd and Kubernetes from Debian 12's packages, for machines that reach nothing else.
#
#   build.sh DESTINATION [PROGRAM…]
#
# Those of a control plane and kubemark, and of the Kubernetes programs besides them those that are named.
# Debian 12 is the last suite whose `kubernetes` source package is the whole tree; later ones are stripped to kubectl.
# Nothing is installed: apt works in a folder of its own, packages are unpacked, no root is needed. The work folder
# stays beside DESTINATION when a build stops, so the next one goes on from there.
# The source package is 1.20.5+really1.20.2: keep `version` equal to `debianVersion` in binaries/debian.ts.
set -eu

version=1.20.2
destination=$1
shift
programs="etcd kube-apiserver kube-controller-manager kube-scheduler kubemark $*"
work=$destination.build
mirror=${DEBIAN_MIRROR:-http://deb.debian.org/debian}
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
started=$(date +%s)

progress() { echo "[$(($(date +%s) - started)) s] $*"; }

# Not `test … || step`: the shell ignores `set -e` within a step that is part of a condition.
once() {
  if [ -e "$work/$1.done" ]; then return; fi
  "$1"
  touch "$work/$1.done"
}

for tool in apt-get dpkg tar gzip flock renice; do
  command -v $tool >/dev/null || { echo "$tool is missing: this needs Debian or a relative of it" >&2; exit 1; }
done
test -r $keyring || { echo "$keyring is missing: install debian-archive-keyring" >&2; exit 1; }

private_apt() {
  apt-get -qq -o Dir::Etc::SourceList="$work/sources.list" -o Dir::Etc::SourceParts=/dev/null \
    -o Dir::State::Lists="$work/lists" -o Dir::Cache="$work/cache" -o APT::Sandbox::User= \
    -o Acquire::Retries=2 -o Acquire::http::Timeout=20 "$@"
}

fetch() {
  mkdir -p "$work/lists/partial" "$work/cache/archives/partial" "$work/packages"
  for kind in deb deb-src; do echo "$kind [signed-by=$keyring] $mirror bookworm main"; done >"$work/sources.list"
  progress "asking $mirror for its packages"
  private_apt update
  progress "fetching etcd, Go 1.19 and the Kubernetes source package (120 MB)"
  (
    cd "$work/packages"
    private_apt download etcd-server golang-1.19-go golang-1.19-src golang-github-modern-go-reflect2-dev
    private_apt source --download-only kubernetes
  )
}

unpack() {
  progress "unpacking"
  for package in "$work"/packages/*.deb; do dpkg -x "$package" "$work/root"; done
  mkdir -p "$tree"
  tar -xzf "$work"/packages/kubernetes_*really"$version".orig.tar.gz --strip-components=1 -C "$tree"
  # The vendored reflect2 1.0.1 reads the runtime's types as Go before 1.18 laid them out: the API server would
  # die with "unexpected fault address" at the first custom resource.
  rm "$tree"/vendor/github.com/modern-go/reflect2/*.go
  cp "$work"/root/usr/share/gocode/src/github.com/modern-go/reflect2/*.go "$tree/vendor/github.com/modern-go/reflect2/"
}

# The only generated code that the source package lacks: the OpenAPI definitions of every kind.
generate() {
  progress "generating the OpenAPI definitions"
  packages=$(
    cd "$tree"
    grep -RlE --include='*.go' '^// \+k8s:openapi-gen=' pkg cmd plugin vendor/k8s.io |
      grep -vE '^vendor/k8s.io/(code-generator|sample-apiserver|kube-openapi|gengo)/' |
      xargs -n1 dirname | LC_ALL=C sort -u | sed 's|^|k8s.io/kubernetes/|' | paste -sd, -
  )
  (
    cd "$tree"
    go build -o "$work/openapi-gen" ./vendor/k8s.io/kube-openapi/cmd/openapi-gen
    "$work/openapi-gen" --logtostderr -i "$packages" -p k8s.io/kubernetes/pkg/generated/openapi -O zz_generated.openapi \
      -h vendor/k8s.io/code-generator/hack/boilerplate.go.txt -r "$work/violations" 2>"$work/openapi-gen.log"
  )
}

# Without a version stamp the server calls itself v0.0.0-master, which newer clients refuse.
compile() {
  stamp=
  for module in component-base/version client-go/pkg/version; do
    for value in gitVersion=v$version gitMajor=1 gitMinor=20; do
      stamp="$stamp -X k8s.io/kubernetes/vendor/k8s.io/$module.$value"
    done
  done
  (cd "$tree" && go build -trimpath -ldflags "-s -w$stamp" -o "$work/bin/$1" "./cmd/$1")
}

tree=$work/gopath/src/k8s.io/kubernetes
export GOPATH="$work/gopath" GOCACHE="$work/gocache" GOTMPDIR="$work/tmp" GOROOT="$work/root/usr/lib/go-1.19"
export GO111MODULE=off CGO_ENABLED=0 GOFLAGS= PATH="$GOROOT/bin:$PATH"

mkdir -p "$destination"
exec 9>"$destination.lock"
flock -n 9 || { progress "waiting for another build"; flock 9; }
renice -n 15 $$ >/dev/null

mkdir -p "$work/bin" "$work/tmp"
once fetch
once unpack

for program in $programs; do
  test ! -x "$destination/$program" || continue
  progress "making $program"
  case $program in
    etcd) cp "$work/root/usr/bin/etcd" "$work/bin/etcd" ;;
    kubelet | kube-proxy) compile "$program" ;; # they describe no kinds
    *)
      once generate
      compile "$program"
      ;;
  esac
  mv "$work/bin/$program" "$destination/$program"
done
rm -rf "$work"
progress "done: $destination"
