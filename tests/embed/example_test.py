#!/usr/bin/env python3
"""What a newcomer copies.   example_test.py FOLDER PROGRAM CMAKE CXX CC

The program prints what the README says; its text has at most 25 lines and its CMakeLists.txt 3; and these three, under the two
lines that every project of CMake begins with, configure a project that has the program as a target.
"""
import subprocess
import sys
import tempfile
from pathlib import Path


def main():
    folder, program, cmake, cxx, cc = Path(sys.argv[1]).resolve(), *sys.argv[2:]
    wrong = []
    lines = (folder / "CMakeLists.txt").read_text().splitlines()
    if len(lines) != 3:
        wrong.append(f"CMakeLists.txt has {len(lines)} lines")
    if len((folder / "embed.cpp").read_text().splitlines()) > 25:
        wrong.append("embed.cpp has over 25 lines")
    printed = subprocess.run([program], text=True, capture_output=True, timeout=60)
    says = (folder / "README.md").read_text().split("```\n")[1]
    if printed.stdout != says:
        wrong.append(f"README.md says\n{says}and the program prints\n{printed.stdout}{printed.stderr}")
    with tempfile.TemporaryDirectory() as scratch:
        head = "cmake_minimum_required(VERSION 3.25)\nproject(app C CXX)\n"
        own = "\n".join(lines).replace("../..", str(folder.parent.parent)).replace("embed.cpp", str(folder / "embed.cpp"))
        (Path(scratch) / "CMakeLists.txt").write_text(head + own + "\n")
        configure = subprocess.run([cmake, "-S", scratch, "-B", scratch + "/build", "-G", "Ninja",
                                    f"-DCMAKE_CXX_COMPILER={cxx}", f"-DCMAKE_C_COMPILER={cc}"],
                                   text=True, capture_output=True, timeout=200)
        target = subprocess.run([cmake, "--build", scratch + "/build", "--target", "embed", "--", "-n"],
                                text=True, capture_output=True, timeout=60)
        if configure.returncode != 0 or target.returncode != 0:
            wrong.append(configure.stdout + configure.stderr + target.stdout + target.stderr)
    print("\n".join([*wrong, f"{folder.name}: {len(wrong)} wrong"]))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
