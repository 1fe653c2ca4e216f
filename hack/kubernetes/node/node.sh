#!/bin/bash
# The first process of a node: containerd, kubelet and kube-proxy in namespaces of their own, as kind has them in
# a container. The end of this process is the end of every process, mount, interface and packet filter rule of
# the node, however it ends.
#
#   node.sh FOLDER
#
# node.ts fills FOLDER and adds the kubelet's credentials once the API server runs; its address appears here.
set -euo pipefail
folder=$1
# shellcheck source=/dev/null
. "$folder/node.env"

if [ "${2-}" != inside ]; then
  exec unshare --net --mount --pid --propagation=private --kill-child --mount-proc "$BASH" "$0" "$folder" inside \
    3</proc/self/ns/net # the machine's network, where the other end of the cable goes
fi

separate_files() {
  mount --make-rshared /
  # What has a fixed place is neither found nor left there.
  for path in /run /var/lib /var/log; do mount -t tmpfs -o mode=755 tmpfs "$path"; done
  # The kubelet writes settings of the whole machine: here it writes to files.
  for name in vm/overcommit_memory vm/panic_on_oom kernel/panic kernel/panic_on_oops kernel/keys/root_maxkeys \
    kernel/keys/root_maxbytes; do
    copy=/run/sysctl/$name
    mkdir -p "${copy%/*}"
    cat "/proc/sys/$name" >"$copy"
    mount --bind "$copy" "/proc/sys/$name"
  done
}

on_machine() { nsenter --net=/proc/self/fd/3 "$@"; }

connect() {
  ip link set lo up
  ip link add eth0 type veth peer name "$device"
  ip link set "$device" netns /proc/self/fd/3
  on_machine ip address add "$machine_address/30" dev "$device"
  on_machine ip link set "$device" up
  on_machine ip route add "$pod_subnet" via "$node_address" dev "$device"
  ip address add "$node_address/30" dev eth0
  ip link set eth0 up
  ip route add default via "$machine_address"
  echo 1 >/proc/sys/net/ipv4/ip_forward
}

# A cgroup of its own keeps the kubelet's hands off those of another one.
make_cgroup() {
  for hierarchy in /sys/fs/cgroup /sys/fs/cgroup/*/; do
    [ -e "$hierarchy/cgroup.procs" ] || continue
    if [ -e "$hierarchy/cgroup.controllers" ]; then
      sed 's/\</+/g' "$hierarchy/cgroup.controllers" >"$hierarchy/cgroup.subtree_control" || true
    fi
    mkdir -p "$hierarchy/$cgroup"
  done
}

start_containerd() {
  containerd --config "$folder/containerd.toml" >>"$folder/containerd.log" 2>&1 3<&- &
  until ctr --address "$folder/containerd.sock" version >/dev/null 2>&1; do
    kill -0 $! # it has ended, and so do we
    sleep 0.1
  done
  ctr --address "$folder/containerd.sock" --namespace k8s.io images import "$folder/pause.tar" >/dev/null
}

separate_files
make_cgroup
connect
start_containerd
until [ -e "$folder/node.kubeconfig" ]; do sleep 0.1; done
# Without --masquerade-all a Pod would be answered by the Pod behind a Service, and not by the Service.
"$binaries/kube-proxy" --kubeconfig="$folder/node.kubeconfig" --hostname-override="$node_name" \
  --proxy-mode=iptables --masquerade-all --conntrack-max-per-core=0 --conntrack-tcp-timeout-established=0 \
  --conntrack-tcp-timeout-close-wait=0 >>"$folder/kube-proxy.log" 2>&1 3<&- &
"$binaries/kubelet" --config="$folder/kubelet.json" --kubeconfig="$folder/node.kubeconfig" \
  --hostname-override="$node_name" --node-ip="$node_address" --container-runtime=remote \
  --container-runtime-endpoint="unix://$folder/containerd.sock" >>"$folder/kubelet.log" 2>&1 3<&- &
wait -n || true # how it ended is told by its log
echo "one of containerd, kube-proxy and kubelet has ended; their last words:"
tail -n 5 "$folder"/{containerd,kube-proxy,kubelet}.log
exit 1
