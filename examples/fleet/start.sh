#!/usr/bin/env bash
# Starts a NATS server and one server of the shop for each further port: web-1, web-2 and so on.   start.sh FOLDER NATS_PORT PORT…
# FOLDER/alice.pub is the key that they trust. What they remember and their logs go there too, and their process ids.
set -euo pipefail
here=$(dirname "${BASH_SOURCE[0]}")
folder=$1 nats_port=$2
shift 2
"$here/broker.sh" "$folder" "$nats_port"
number=0
for port in "$@"; do
  node=web-$((++number))
  build/release/bin/example_fleet_server --schema "$here/shop.writ" --key "$folder/alice.pub" --node "$node" \
    --from "nats://127.0.0.1:$nats_port" --state "$folder/$node" --port "$port" >"$folder/$node.log" 2>&1 &
  echo $! >"$folder/$node.pid"
done
for port in "$@"; do curl -s --retry 9 --retry-connrefused "http://localhost:$port/release"; done
