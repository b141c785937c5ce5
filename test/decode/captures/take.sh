#!/usr/bin/env bash
# Takes the captures of this folder anew, on the loopback interface of a network namespace: as root,
# with tcpdump, dumpcap (Debian: tshark) and a build of the project.
#
#   test/decode/captures/take.sh
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
if [ "${1:-}" != inside ]; then exec unshare --net "$here/take.sh" inside; fi

cd "$here"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export TELEPATHINE_KEYLOGFILE="$scratch/keys"
ip link set lo up

telepathine() { node ../../../dist/src/cli/main.js "$@"; }

# capture <file> <command...>: while it runs, what the command captures goes to the file.
capturing=()
capture() {
  local file=$1
  shift
  "$@" -w "$scratch/$file" 2>"$scratch/$file.log" &
  capturing+=($!)
  until [ -s "$scratch/$file" ]; do sleep 0.05; done
}

end_captures() {
  sleep 0.5
  kill -TERM "${capturing[@]}"
  wait "${capturing[@]}" || true
  capturing=()
  for file in "$scratch"/*.pcap*; do
    case $file in *.log) ;; *) cp "$file" . ;; esac
  done
}

dump=(tcpdump --immediate-mode -U -Z root -n)

# node <name> <seconds until it speaks> <lines> <options...>: a node that lives for some seconds.
node_of() {
  local name=$1 after=$2 lines=$3
  shift 3
  (sleep "$after"; printf '%b' "$lines"; sleep 0.8; echo stop) |
    telepathine start --name "$name" --gossip-interval 400 --heartbeat-interval 400 "$@" >"$scratch/$name.out" &
  nodes+=($!)
}

end_nodes() {
  wait "${nodes[@]}"
  nodes=()
}

nodes=()
telepathine keygen >mesh.key
telepathine keygen >other.key
long=$(printf 'x%.0s' {1..3000})

# One mesh, in all formats at once: three nodes, of which one speaks TCP only.
capture ethernet.pcap "${dump[@]}" -i lo
capture nanoseconds.pcap "${dump[@]}" -i lo --time-stamp-precision=nano
capture cooked1.pcap "${dump[@]}" -i any -y LINUX_SLL
capture cooked2.pcap "${dump[@]}" -i any -y LINUX_SLL2
capture blocks.pcapng dumpcap -q -B 1 -i lo
node_of alice 1 "set colour \"red\"\nset long \"$long\"\nsay lunch {\"soup\":\"leek\"}\n" \
  --port 9001 --network-file mesh.key
node_of bob 1.2 'set temp.kitchen 21\nset temp.attic 30\ndelete temp.attic\n' \
  --port 9002 --join 9001 --network-file mesh.key
node_of carol 1.4 'set colour "red"\n' --port 9003 --join 9001 --network-file mesh.key --no-udp
end_nodes
end_captures
cp "$TELEPATHINE_KEYLOGFILE" mesh.keylog

# From the middle of TCP connections on, and of a mesh with another key.
node_of alice 1 'set colour "red"\n' --port 9001 --network-file other.key --no-udp
node_of bob 1.2 'set temp.kitchen 21\n' --port 9002 --join 9001 --network-file other.key --no-udp
sleep 1.1
capture middle.pcap "${dump[@]}" -i lo
end_nodes
end_captures

# A public mesh over IPv6, and packets that IP cuts into fragments.
ip link set lo mtu 1280
capture fragments6.pcap "${dump[@]}" -i lo
node_of alice 1 'set colour "red"\n' --address ::1 --port 9001
node_of bob 1.2 'set temp.kitchen 21\n' --address ::1 --port 9002 --join '[::1]:9001'
# No node sends datagrams that large: this one holds a push with fields that nobody knows.
node -e '
  const start = "1110012216" + "0a082bd806c97f0e00af" + "12080123456789abcdef" + "1801";
  const unknown = Buffer.concat([Buffer.from("fa01d00f", "hex"), Buffer.alloc(2000, 1)]);
  const socket = require("dgram").createSocket("udp6").bind(9005, "::1", () => {
    const packet = Buffer.concat([Buffer.from(start, "hex"), unknown]);
    socket.send(packet, 9001, "::1", () => socket.close());
  });'
end_nodes
end_captures

ip link set lo mtu 576
capture fragments4.pcap "${dump[@]}" -i lo
node_of alice 1 "set colour \"red\"\nset middling \"${long:0:800}\"\n" \
  --port 9001 --network-file mesh.key
node_of bob 1.2 'set temp.kitchen 21\n' --port 9002 --join 9001 --network-file mesh.key
end_nodes
end_captures
