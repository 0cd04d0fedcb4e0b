#!/usr/bin/env python3
"""A page of the documentation whose C++ is one program.

    page.py write PAGE.md PROGRAM.cpp    makes the program
    page.py run PAGE.md BINARY           runs it in an empty folder that has the page's files

    ```cpp outside         includes, types, functions
    ```cpp                 statements, in the page's order, all in one scope
    ```KIND NAME           a file: written before the program runs
    ```cpp text, ```KIND   text

Compiler errors name the page and its line.
"""
import re
import subprocess
import sys
import tempfile
from pathlib import Path

BLOCK = re.compile(r"^```([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(page):
    text = page.read_text()
    for block in BLOCK.finditer(text):
        yield text.count("\n", 0, block.start()) + 2, block[1].split(), block[2]


def write(page, program):
    outside, inside = [], []
    for line, info, text in blocks(page):
        place = {("cpp", "outside"): outside, ("cpp",): inside}.get(tuple(info))
        if place is not None:
            place.append(f'#line {line} "{page.name}"\n{text}')
    program.write_text("\n".join([*outside, "int main() {", *inside, "}\n"]))
    return 0 if inside else 1


def run(page, binary):
    with tempfile.TemporaryDirectory() as folder:
        for _, info, text in blocks(page):
            if len(info) == 2 and "." in info[1]:
                (Path(folder) / info[1]).write_text(text)
        return subprocess.run([binary], cwd=folder, timeout=250).returncode


def main():
    command, page, other = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    return write(page, other) if command == "write" else run(page, other.resolve())


if __name__ == "__main__":
    sys.exit(main())
