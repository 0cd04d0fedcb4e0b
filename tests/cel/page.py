#!/usr/bin/env python3
"""The end of docs/cel.md: which of CEL's cases are left out, and why.   page.py [--write] docs/cel.md

Made of left_out.tsv and cases.tsv beside this file. Without --write the page is compared, and status 1 says that it is
another.
"""
import sys
from itertools import groupby
from pathlib import Path

HERE = Path(__file__).parent
HEADING = "## The cases that are left out\n"


def rows(name):
    lines = (HERE / name).read_text().splitlines()
    return [line.split("\t") for line in lines if line and not line.startswith("#")]


def section():
    left_out = rows("left_out.tsv")
    yield f"{len(left_out):,} of the {len(rows('cases.tsv')):,} cases; all others pass.\n"
    reasons = list(dict.fromkeys(reason for _, _, reason in left_out))
    reasons.sort(key=lambda reason: reason.startswith("not yet:"))
    for reason in reasons:
        cases = [(suite, name) for suite, name, why in left_out if why == reason]
        yield f"**{reason}** ({len(cases)})\n"
        for suite, names in groupby(cases, key=lambda case: case[0]):
            yield f"- {suite}: " + ", ".join(f"`{name}`" for _, name in names)
        yield ""


def main():
    write = "--write" in sys.argv
    page = Path(sys.argv[-1])
    before, heading, after = page.read_text().partition(HEADING)
    wanted = "\n" + "\n".join(section()).rstrip() + "\n"
    if not heading:
        sys.exit(f"{page} has no line {HEADING!r}")
    if write:
        page.write_text(before + heading + wanted)
    elif after != wanted:
        sys.exit(f"{page} does not say what tests/cel/left_out.tsv says: run tests/cel/page.py --write {page}")


if __name__ == "__main__":
    main()
