#!/usr/bin/env python3
"""Compiles what must not compile.   refused_test.py COMPILER FILE.cpp INCLUDE_FOLDER

On every line of the file that is marked `// refused: WORDS` the compiler must report an error with these words, and no error
about other lines only. `// refused (clang): WORDS` holds for clang alone. Status 1, and a line for each mistake that was let
pass or that is none.
"""
import re
import subprocess
import sys
from pathlib import Path

MARK = re.compile(r"// refused( \(clang\))?: (.*)$")
FLAGS = ["-std=c++23", "-fsyntax-only", "-Werror"]
CLANG_FLAGS = ["-Wdangling", "-ferror-limit=0", "-ftemplate-backtrace-limit=0"]
GCC_FLAGS = ["-fno-diagnostics-show-caret"]
# Where the next error's report begins: gcc says first where it is, clang says it after the error.
BEGINS = re.compile(r"In file included from|: In |: error: ")


def error_reports(said):
    """What a compiler said, cut into one text for each error."""
    report = []
    for row in said.splitlines():
        if BEGINS.search(row) and any("error:" in before for before in report):
            yield "\n".join(report)
            report = []
        report.append(row)
    if any("error:" in row for row in report):
        yield "\n".join(report)


def main():
    compiler, path, folder = sys.argv[1], Path(sys.argv[2]), sys.argv[3]
    run = lambda *arguments: subprocess.run([compiler, *arguments], text=True, capture_output=True, timeout=300,
                                            env={"LC_ALL": "C", "PATH": "/usr/bin:/bin"})
    is_clang = "clang" in run("--version").stdout
    said = run(*FLAGS, *(CLANG_FLAGS if is_clang else GCC_FLAGS), "-I", folder, str(path)).stderr
    reports = list(error_reports(said))

    marks = {}
    for number, line in enumerate(path.read_text().split("\n"), 1):
        mark = MARK.search(line)
        if mark is not None and (is_clang or not mark[1]):
            marks[number] = mark[2]
    of_line = {number: [] for number in marks}
    wrong = []
    for report in reports:
        lines = [int(line) for line in re.findall(re.escape(str(path)) + r":(\d+):", report)]
        if lines and not any(line in marks for line in lines):
            wrong.append(f"an error where none should be:\n{report}")
        for line in lines:
            of_line.get(line, []).append(report)
    for number, words in marks.items():
        if not any(words in report for report in of_line[number]):
            wrong.append(f"{path.name}:{number}: not refused with `{words}`: {of_line[number]}")
    print("\n".join([*wrong, f"{path.name}: {len(marks)} mistakes, {len(wrong)} wrong, by {compiler}"]))
    return 1 if wrong or not marks else 0


if __name__ == "__main__":
    sys.exit(main())
