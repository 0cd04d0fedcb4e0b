#!/usr/bin/env python3
"""Plays what pages say about an example server, as a reader does.   walkthrough_test.py path/to/its/program page.md…

The console blocks of a page are one session of bash, in a folder that looks like a checkout after `./dev build`.
`$ COMMAND` must print what stands below it; `…` is any text within a line, alone any lines. Ports are replaced by
free ones. Status 1, and a line for each command that prints something else.
"""
import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "tests" / "docs"))
from docs_test import BLOCK, output_pattern  # noqa: E402

END = "-- end of command --"
LONGEST_COMMAND = 60  # seconds
PORTS = ("8080", "8081", "8082", "8083", "4222")


def free_ports(count):
    """Rising ones, next to one another."""
    while True:
        with contextlib.ExitStack() as stack:
            probes = [stack.enter_context(socket.socket()) for _ in range(count)]
            probes[0].bind(("127.0.0.1", 0))
            first = probes[0].getsockname()[1]
            try:
                for number, probe in enumerate(probes[1:], 1):
                    probe.bind(("127.0.0.1", first + number))
            except (OSError, OverflowError):
                continue
            return range(first, first + count)


def with_free_ports(text):
    free = dict(zip(PORTS, map(str, free_ports(len(PORTS)))))
    return re.sub("|".join(PORTS), lambda port: free[port[0]], text)


def make_checkout(folder, binaries):
    (folder / "examples").symlink_to(SOURCE / "examples")
    (folder / "build" / "release").mkdir(parents=True)
    (folder / "build" / "release" / "bin").symlink_to(binaries)


def sessions(text):
    """Line, command and expected output of each `$` line."""
    for block in BLOCK.finditer(text):
        if block[1] != "console":
            continue
        line = text.count("\n", 0, block.start()) + 2
        for part in re.split(r"^\$ ", block[2], flags=re.MULTILINE)[1:]:
            command, _, expected = part.partition("\n")
            yield line, command, expected
            line += part.count("\n")


class Shell:
    """One bash, which ends with all that it started."""

    def __init__(self, folder):
        self.bash = subprocess.Popen(["bash"], cwd=folder, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                     stderr=subprocess.STDOUT, start_new_session=True)

    def run(self, command):
        """What it prints; a command that takes too long ends the shell."""
        limit = threading.Timer(LONGEST_COMMAND, self.end)
        limit.start()
        self.bash.stdin.write(f"{command}\necho '{END}'\n")
        self.bash.stdin.flush()
        printed = ""
        while not printed.endswith(END + "\n"):
            line = self.bash.stdout.readline()
            if not line:
                return printed + "(the shell has ended)\n"
            printed += line
        limit.cancel()
        return printed.removesuffix(END + "\n")

    def end(self):
        os.killpg(self.bash.pid, signal.SIGKILL)


def play(page, binaries):
    """How many commands there are, and how many of them are wrong."""
    text = with_free_ports(page.read_text())
    count = wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        make_checkout(Path(folder), binaries)
        shell = Shell(folder)
        try:
            for line, command, expected in sessions(text):
                count += 1
                printed = shell.run(command)
                if not output_pattern(expected).fullmatch(re.sub(r" +$", "", printed.rstrip(), flags=re.M) + "\n"):
                    wrong += 1
                    print(f"{page}:{line}: $ {command}\n--- the page says\n{expected}--- it prints\n{printed}")
        finally:
            shell.end()
    print(f"{page}: {count} commands, {wrong} wrong")
    return count, wrong


def main():
    binaries = Path(sys.argv[1]).resolve().parent
    results = [play(Path(page), binaries) for page in sys.argv[2:]]
    return 0 if all(count and not wrong for count, wrong in results) else 1


if __name__ == "__main__":
    sys.exit(main())
