#!/usr/bin/env python3
"""The example server under load and edits.   load.py [--server PROGRAM] [--seconds N]

wrk asks for quotes on all cores. Meanwhile every 100 ms a file is saved: rules, values, and each tenth time a text that is
wrong. By each release price and limit are its number, so an answer tells whose rules gave it. A prober asks beside wrk: what
it asks after /release has named a release must not be answered by an earlier one, and price and limit must be those of the
release that the answer names; else the answer is stale. Status 1 when a request failed, an answer was stale, or an edit
took longer than a second to be live.
"""
import argparse
import contextlib
import http.client
import itertools
import json
import re
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path

from running_server import RunningServer

BUILT = Path(__file__).resolve().parents[2] / "build" / "release" / "bin" / "example_server"
EDIT_EVERY = 0.1  # seconds
LONGEST_EDIT = 1.0  # seconds, from saved to live
TOLD_AT_MOST = 10
QUOTE = "/quote?item=tea"

# Ten edits in turn, each of one file. The answer is the sum of the numbers in both.
CYCLE = ["rules", "values"] * 4 + ["values", "wrong"]


def rules(number):
    answer = f"{number} + order.quantity - 1 + more"
    return ("policy rules for shop\nconfig { more: int = 0 }\nslot access(order) = allow\n"
            f"slot limit(order) = {answer}\nslot price(order) = {answer}\n")


def values(number):
    return f"[rules]\nmore = {number}\n"


class Load:
    def __init__(self, server):
        self.server = server
        self.is_over = threading.Event()
        self.live = 1  # the latest release that the server has named
        self.requests = 0
        self.failed = 0
        self.stale = 0
        self.edits = 0
        self.edit_seconds = []

    # ---- edits

    def edit(self):
        """Until the end."""
        release = in_rules = 1
        in_values = 0
        next_time = time.monotonic()
        for kind in itertools.cycle(CYCLE):
            next_time = max(next_time + EDIT_EVERY, time.monotonic())
            if self.is_over.wait(next_time - time.monotonic()):
                return
            self.edits += 1
            if kind == "wrong":
                (self.server.policies / "rules.writ").write_text(rules(in_rules)[:-20])
                continue
            release += 1
            if kind == "rules":
                in_rules = release - in_values
                self.server.save("rules.writ", rules(in_rules))
            else:
                in_values = release - in_rules
                self.server.save("shop.toml", values(in_values))
            saved_at = time.monotonic()
            self.wait_for(release)
            self.edit_seconds.append(time.monotonic() - saved_at)

    def wait_for(self, release):
        while self.live < release and not self.is_over.is_set():
            with contextlib.closing(self.server.connect()) as connection:
                answer = self.ask(connection, f"/release?after={release - 1}")
            self.live = max(self.live, answer.get("release", 0))

    # ---- questions

    def ask(self, connection, path):
        self.requests += 1
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            body = response.read()
            if response.status == 200:
                return json.loads(body)
            self.tell(f"failed: {path} is answered with status {response.status}")
        except (OSError, http.client.HTTPException) as error:
            self.tell(f"failed: {path}: {error!r}")
            connection.close()
        self.failed += 1
        return {}

    def tell(self, what):
        if self.failed + self.stale < TOLD_AT_MOST:
            print(what, file=sys.stderr)

    def probe(self):
        connection = self.server.connect()
        while not self.is_over.is_set():
            live = self.live
            answer = self.ask(connection, QUOTE)
            if not answer:
                continue
            if not live <= answer["release"] == answer["price"] == answer["limit"]:
                self.tell(f"stale: {answer}, after release {live} was live")
                self.stale += 1

    def run_wrk(self, seconds):
        told = subprocess.run(["wrk", "-t2", "-c8", f"-d{seconds}", f"http://127.0.0.1:{self.server.port}{QUOTE}"],
                              check=True, capture_output=True, text=True).stdout
        requests = int(re.search(r"(\d+) requests in", told)[1])
        errors = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", told)
        refused = re.search(r"Non-2xx or 3xx responses: (\d+)", told)
        return requests, sum(map(int, errors.groups() if errors else [])) + int(refused[1] if refused else 0)

    def run(self, seconds):
        threads = [threading.Thread(target=work) for work in (self.edit, self.probe)]
        for thread in threads:
            thread.start()
        try:
            requests, failed = self.run_wrk(seconds)
        finally:
            self.is_over.set()
            for thread in threads:
                thread.join()
        self.requests += requests
        self.failed += failed


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    options.add_argument("--server", default=BUILT, help="the program; build/release/bin/example_server unless given")
    options.add_argument("--seconds", type=int, default=10)
    given = options.parse_args()
    with RunningServer(given.server, {"rules.writ": rules(1), "shop.toml": values(0)}) as server:
        load = Load(server)
        load.run(given.seconds)
        has_ended = server.process.poll() is not None
    slowest = max(load.edit_seconds, default=LONGEST_EDIT + 1)
    print(f"figure server.requests {load.requests}")
    print(f"figure server.failed {load.failed}")
    print(f"figure server.stale {load.stale}")
    print(f"figure server.edits {load.edits}")
    print(f"figure server.edit_to_live_p50_ms {statistics.median(load.edit_seconds or [0]) * 1000:.0f}")
    print(f"figure server.edit_to_live_max_ms {slowest * 1000:.0f}")
    return 1 if has_ended or load.failed or load.stale or slowest > LONGEST_EDIT else 0


if __name__ == "__main__":
    sys.exit(main())
