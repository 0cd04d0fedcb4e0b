#!/usr/bin/env bash
# Starts a NATS server that keeps its store in FOLDER, and waits until it answers.   broker.sh FOLDER PORT
set -euo pipefail
folder=$1 port=$2
PATH=$PATH:/usr/sbin # where Debian puts it
mkdir -p "$folder"
nats-server -a 127.0.0.1 -p "$port" -js -sd "$folder/nats" -l "$folder/nats.log" &
echo $! >"$folder/nats.pid"
until (: <>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do
  kill -0 $! # it has ended: its log says why
  sleep 0.1
done
