#!/usr/bin/env python3
"""Tries every code block of a page of the documentation.   docs_test.py path/to/writ page.md

The info string of a block says what becomes of it. Blocks run from top to bottom in one empty folder, which the
page's files fill; a later block may use what an earlier one wrote.

    ```writ NAME.writ     a unit: written, checked with the libraries before it, its tests run
    ```writ fragment      declarations: a policy of the page's schema is made of them, and treated so
    ```writ refused CODE  declarations, each of which `check` refuses with this code and no other
    ```writ values        EXPRESSION // RESULT, one a line: a value as printed, `trap NAME` or an error's code
    ```NAME with a dot    ```toml values.toml, ```json requests.jsonl: written
    ```console            `$ COMMAND`, then what it prints; `…` stands for any text within a line, alone for any lines
    ```prompt OPTION…     a terminal after `writ repl OPTION…`: what stands behind `writ> ` or `....> ` is typed

Whatever runs a policy runs it in the interpreter and as native code, optimised and not. Blocks of any other kind
are text. Status 1, and a line for each block that is wrong.
"""
import fcntl
import itertools
import os
import pty
import re
import select
import struct
import subprocess
import sys
import tempfile
import termios
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ENGINES = (["--engine=interp"], ["--engine=jit"], ["--engine=jit", "--opt=0"])
BLOCK = re.compile(r"^```([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
TRAP = re.compile(r"^trap\[\w+\]: ([a-z ]+):", re.MULTILINE)
PROMPT = re.compile(r"^(?:writ|\.\.\.\.)> ?(.*)$", re.MULTILINE)
CODE = re.compile(r"error\[(W\d+)\]")


class Page:
    """The state of one page's run: its folder, its schema and libraries so far, what was wrong."""

    def __init__(self, writ, folder):
        self.writ = writ
        self.folder = folder
        self.schema = None
        self.libraries = []
        self.serial = itertools.count(1)
        self.wrong = []

    def command(self, *arguments):
        return subprocess.run([self.writ, *arguments, "--color=never"], cwd=self.folder, text=True,
                              capture_output=True, timeout=120)

    def say(self, line, what):
        self.wrong.append(f"{line}: {what}")

    # ---- units

    def unit(self, line, name, text):
        (self.folder / name).write_text(text)
        kind = re.search(r"^(schema|policy|library) ", text, re.MULTILINE)
        if kind is None:
            return self.say(line, f"{name} begins no unit")
        if kind[1] == "schema":
            self.schema = name
        self.try_unit(line, name, text)
        if kind[1] == "library":
            self.libraries.append(name)

    def fragment(self, line, text):
        self.try_unit(line, self.write_fragment(text), text)

    def write_fragment(self, text):
        name = f"fragment_{next(self.serial)}.writ"
        uses = re.findall(r"^use .*", text, re.MULTILINE)
        rest = re.sub(r"^use .*\n", "", text, flags=re.MULTILINE)
        head = f"policy {name.removesuffix('.writ')} for {self.schema.removesuffix('.writ')}"
        (self.folder / name).write_text("\n".join([head, *uses, rest]))
        return name

    def release(self, name):
        return [name, *self.libraries, "--schema", self.schema] if name != self.schema else [name]

    def try_unit(self, line, name, text):
        check = self.command("check", *self.release(name))
        if check.returncode != 0 or "warning" in check.stdout:
            return self.say(line, check.stdout + check.stderr)
        if not re.search(r"^test \"", text, re.MULTILINE):
            return
        for engine in ENGINES:
            test = self.command("test", *self.release(name), *engine)
            if test.returncode != 0:
                self.say(line, f"{' '.join(engine)}:\n{test.stdout}{test.stderr}")

    def refused(self, line, code, text):
        check = self.command("check", *self.release(self.write_fragment(text)))
        found = CODE.findall(check.stdout)
        expected = [code] * len(re.findall(r"^(?:fn|slot|const|record) ", text, re.MULTILINE))
        if found != expected:
            self.say(line, f"expected {expected}, found {found}\n{check.stdout}{check.stderr}")

    # ---- values

    def values(self, line, text):
        rows = [(line + at, row) for at, row in enumerate(text.split("\n"), 1) if row.strip()]
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            list(pool.map(lambda row: self.value(*row), rows))

    def value(self, line, row):
        expression, found, expected = row.rpartition(" // ")
        if not found:
            return self.say(line, "a line of values is EXPRESSION // RESULT")
        for engine in ENGINES:
            schema = ["--schema", self.schema] if self.schema else []
            run = self.command("eval", expression.strip(), *schema, *engine)
            result = self.result_text(run)
            if result != expected.strip():
                self.say(line, f"{expression.strip()} gives {result} ({' '.join(engine)})")

    @staticmethod
    def result_text(run):
        if run.returncode == 0:
            return run.stdout.strip()
        if trap := TRAP.search(run.stderr):
            return "trap " + trap[1].replace(" ", "_")
        codes = CODE.findall(run.stdout + run.stderr)
        return " ".join(codes) if codes else run.stdout + run.stderr

    # ---- sessions

    def console(self, line, text):
        path = f"{Path(self.writ).parent}{os.pathsep}{os.environ['PATH']}"
        for session in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
            command, _, expected = session.partition("\n")
            while command.endswith("\\"):
                more, _, expected = expected.partition("\n")
                command = command[:-1] + more
            run = subprocess.run(["bash", "-c", command], cwd=self.folder, text=True, stdout=subprocess.PIPE,
                                 stderr=subprocess.STDOUT, timeout=120,
                                 env={**os.environ, "PATH": path, "NO_COLOR": "1"})
            printed = re.sub(r"[ ]+$", "", run.stdout.rstrip(), flags=re.MULTILINE) + "\n"
            if not output_pattern(expected).fullmatch(printed):
                self.say(line, f"$ {command}\n--- the page says\n{expected}--- it prints\n{run.stdout}")

    def prompt(self, line, options, text):
        printed = Typist(self.writ, options, self.folder).type(PROMPT.findall(text))
        if not output_pattern(text).fullmatch(printed):
            self.say(line, f"--- the page says\n{text}--- the terminal shows\n{printed}")


class Typist:
    """A terminal with `writ repl` in it."""

    PROMPTS = ("writ> ", "....> ")

    def __init__(self, writ, options, folder):
        self.child, self.terminal = pty.fork()
        if self.child == 0:
            os.chdir(folder)
            environment = {"PATH": os.environ["PATH"], "TERM": "dumb", "NO_COLOR": "1", "XDG_STATE_HOME": str(folder)}
            os.execve(writ, ["writ", "repl", *options], environment)
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 500, 0, 0))

    def type(self, lines):
        """What the terminal shows, from the first prompt on."""
        shown = self.read_prompt()
        begin = shown.index(self.PROMPTS[0])
        for line in lines:
            os.write(self.terminal, f"{line}\r".encode())
            shown += self.read_prompt()
        os.write(self.terminal, b"\x04")
        os.waitpid(self.child, 0)
        os.close(self.terminal)
        shown = shown[begin:].replace("\r", "").removesuffix(self.PROMPTS[0])
        return re.sub(r"[ ]+$", "", shown, flags=re.MULTILINE)

    def read_prompt(self):
        """All up to the next prompt. A line being typed may be drawn again with its prompt: the next one stands behind a line end."""
        shown = b""
        while b"\n" not in shown or not shown.decode(errors="ignore").endswith(self.PROMPTS):
            ready, _, _ = select.select([self.terminal], [], [], 60)
            if not ready:
                raise TimeoutError(f"no prompt: {shown!r}")
            shown += os.read(self.terminal, 4096)
        while termios.tcgetattr(self.terminal)[3] & termios.ICANON:  # keys typed earlier would be shown twice
            os.sched_yield()
        return shown.decode()


def output_pattern(expected):
    """What a session may print, as a pattern over lines without trailing spaces."""
    rows = []
    for row in expected.rstrip().split("\n"):
        any_text = "[^\n]*".join(map(re.escape, row.rstrip().split("…")))
        rows.append(r"(?:.*\n)*" if row.strip() == "…" else any_text + r"\n")
    return re.compile("".join(rows) if expected.strip() else r"\s*")


def run_block(page, line, info, text):
    words = info.split()
    match words:
        case ["writ", "fragment"]:
            page.fragment(line, text)
        case ["writ", "refused", code]:
            page.refused(line, code, text)
        case ["writ", "values"]:
            page.values(line, text)
        case ["writ", name] if name.endswith(".writ"):
            page.unit(line, name, text)
        case ["writ", *_]:
            page.say(line, f"unknown kind of block: {info}")
        case ["console"]:
            page.console(line, text)
        case ["prompt", *options]:
            page.prompt(line, options, text)
        case [_, name] if "." in name:
            (page.folder / name).write_text(text)


def main():
    writ, path = Path(sys.argv[1]).resolve(), Path(sys.argv[2])
    text = path.read_text()
    blocks = list(BLOCK.finditer(text))
    with tempfile.TemporaryDirectory() as folder:
        page = Page(str(writ), Path(folder))
        for block in blocks:
            run_block(page, text.count("\n", 0, block.start()) + 1, block[1], block[2])
    for wrong in page.wrong:
        print(f"{path.name}:{wrong}")
    print(f"{path.name}: {len(blocks)} blocks, {len(page.wrong)} wrong")
    return 1 if page.wrong or not blocks else 0


if __name__ == "__main__":
    sys.exit(main())
