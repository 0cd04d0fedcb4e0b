#!/usr/bin/env python3
"""Runs site.writ over an access log on both engines and compares every line with oracle.py.

    compare.py path/to/writ

The log is http_requests.jsonl in the folder WRIT_SHARED_DATA (default: ../shared/data beside the repository); where
that is missing, the project's own recording sample.jsonl.
"""
import json
import os
import pathlib
import subprocess
import sys

sys.dont_write_bytecode = True  # the checkout stays clean
import oracle  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
SLOTS = ["admit", "keep", "score", "label"]
# The document's values, then others given on the command line: the same program specialised twice.
CONFIGS = [{}, {"share": 9000, "heavy": 5_000, "opened": "2026-12-01T00:30:00Z"}]
SHOWN_MAX = 5
RUN_SECONDS = 120


def log_file():
    shared = pathlib.Path(os.environ.get("WRIT_SHARED_DATA", ROOT.parent / "shared" / "data")) / "http_requests.jsonl"
    return shared if shared.is_file() else HERE / "sample.jsonl"


def decisions(writ, slot, log, overrides, engine):
    command = [writ, "run", HERE / "site.writ", HERE / "words.writ", "--schema", HERE / "requests.writ", "--slot", slot,
               "--input", log, "--config", HERE / "site.toml", f"--engine={engine}"]
    for name, value in overrides.items():
        command += ["--set", f"site.{name}=" + (f'timestamp("{value}")' if isinstance(value, str) else str(value))]
    done = subprocess.run(command, capture_output=True, text=True, timeout=RUN_SECONDS)
    if done.returncode != 0:
        return [f"exit status {done.returncode}: {done.stderr.strip()}"]
    return done.stdout.splitlines()


def parsed(line):
    try:
        return json.loads(line)
    except ValueError:
        return line


def differences(expected, answered):
    """The first lines that differ, as (expected, answered); a line that one side lacks is None."""
    length = max(len(expected), len(answered))
    pairs = zip(expected + [None] * (length - len(expected)), answered + [None] * (length - len(answered)))
    return [(e, a) for e, a in pairs if e != a]


def check(writ, slot, log, requests, overrides):
    site = oracle.Site(HERE / "site.toml", overrides)
    expected = [{"line": n, **site.answer(slot, request)} for n, request in enumerate(requests, 1)]
    jit, interp = (decisions(writ, slot, log, overrides, engine) for engine in ("jit", "interp"))
    found = {"oracle and jit": differences(expected, [parsed(line) for line in jit]),
             "jit and interp": differences(jit, interp)}
    for sides, pairs in found.items():
        for left, right in pairs[:SHOWN_MAX]:
            print(f"  {slot}: {sides} differ:\n    {left}\n    {right}")
        if len(pairs) > SHOWN_MAX:
            print(f"  {slot}: … and {len(pairs) - SHOWN_MAX} more lines")
    kinds = len({json.dumps(answer) for answer in ({**e, "line": 0} for e in expected)})
    values = ", ".join(f"{name}={value}" for name, value in overrides.items()) or "site.toml"
    agree = not any(found.values())
    print(f"{'ok' if agree else 'FAILED':6} {slot:6} {len(expected)} lines, {kinds} different answers ({values})")
    return agree


def main():
    writ, log = pathlib.Path(sys.argv[1]).resolve(), log_file()
    requests = [json.loads(line) for line in log.read_text().splitlines()]
    origin = "the recorded sample: no shared data here" if log.parent == HERE else "the shared data"
    print(f"{len(requests)} requests from {log.name} ({origin})")
    results = [check(writ, slot, log, requests, overrides) for overrides in CONFIGS for slot in SLOTS]
    print(f"{results.count(True)} passed, {results.count(False)} failed")
    sys.exit(0 if all(results) else 1)


if __name__ == "__main__":
    main()
