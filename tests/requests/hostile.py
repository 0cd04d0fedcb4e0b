#!/usr/bin/env python3
"""What a policy may try, end to end through the command: traps while it runs, refusals before it does.

    hostile.py path/to/writ

A trap costs one answer: the named trap with its place, the same fuel on both engines, exit status 3, and the next
line answered. A refusal is one coded error and status 1 (4 where the file cannot be read), in bounded memory. No
outcome is ever a signal or the status for a bug in writ.
"""
import dataclasses
import os
import pathlib
import re
import sys
import tempfile

SCHEMA = """schema hostile

record Request { n: int  zero: int  low: int  minus: int  name: string }

capability clock { reads fn now() -> timestamp  cost 10 }

slot answer(req: Request) -> int else -1

tier trusted { grants clock  fuel 1_000_000  memory 64KiB  stack 64KiB }
tier tenant  { fuel 20_000  memory 32KiB  stack 16KiB }
"""

# The first line of input springs the trap, the second must still be answered.
INPUT = """{"n": 1, "zero": 0, "low": -9223372036854775808, "minus": -1, "name": "b"}
{"n": 0, "zero": 1, "low": 1, "minus": 1, "name": "a"}
"""

NEXT_ANSWER = 7
RUN_SECONDS = 20  # a guard against a hang, not a measurement
RESIDENT_KIB_MAX = 512 * 1024


@dataclasses.dataclass
class Trap:
    """A slot body in which HERE marks the line that traps."""
    name: str
    kind: str
    body: str
    before: str = ""


TRAPS = [
    Trap("while_true", "out_of_fuel", "while true { }  // HERE"),
    Trap("endless_recursion", "stack_overflow", "return down(req.n)", "fn down(n: int) -> int = down(n) + 1  // HERE"),
    Trap("mutual_recursion", "stack_overflow", "return ping(req.n)",
         "fn ping(n: int) -> int = n == 0 ? 0 : pong(n)\nfn pong(n: int) -> int = n == 0 ? 1 : ping(n)"),
    Trap("doubled_string", "out_of_memory", "var text = req.name\nwhile true {\n  text = text + text  // HERE\n}"),
    Trap("division_by_zero", "division_by_zero", "return 1 / req.zero  // HERE"),
    Trap("constant_division_by_zero", "division_by_zero", "return 1 / 0  // HERE"),
    Trap("remainder_by_zero", "division_by_zero", "return 1 % req.zero  // HERE"),
    Trap("lowest_by_minus_one", "overflow", "return req.low / req.minus  // HERE"),
    Trap("constant_lowest_by_minus_one", "overflow", "return -9223372036854775808 / -1  // HERE"),
    Trap("negated_lowest", "overflow", "return -req.low  // HERE"),
    Trap("index_past_the_end", "index_out_of_range", "let xs = [1, 2, 3]\nreturn xs[req.n + 2]  // HERE"),
    Trap("index_before_the_start", "index_out_of_range", "let xs = [1, 2, 3]\nreturn xs[req.minus]  // HERE"),
    Trap("missing_key", "no_such_key", 'let m = {"a": 1}\nreturn m[req.name]  // HERE'),
]


def slot_of(*statements):
    return "policy attempt for hostile\n\nslot answer(req) {\n  " + "\n  ".join(statements) + "\n}\n"


def answer_of(expression):
    return f"policy attempt for hostile\n\nslot answer(req) = {expression}\n"


# name, the policy's text (bytes where it is no UTF-8), what the error must say
REFUSALS = [
    ("slot_the_schema_lacks", "policy attempt for hostile\n\nslot anwser(req) = 1\n", r"anwser"),
    ("exit", slot_of("exit()", "return 1"), r"exit"),
    ("system", slot_of('system("rm -rf /")', "return 1"), r"system"),
    ("send", slot_of('send("198.51.100.1", req.name)', "return 1"), r"send"),
    ("unknown_field", answer_of("req.nmae.size()"), r"did you mean.*name"),
    ("nested_parentheses", answer_of("(" * 5_000 + "1" + ")" * 5_000), ""),
    ("unclosed_parentheses", answer_of("(" * 2_000), ""),
    ("minuses", answer_of("-" * 100_000 + "1"), ""),
    ("nots", answer_of("!" * 100_000 + "true ? 1 : 0"), ""),
    ("long_chain", answer_of("req" + ".n" * 100_000), ""),
    ("nested_lists", answer_of("[" * 5_000 + "1" + "]" * 5_000 + ".size()"), ""),
    ("nested_ifs", slot_of("if req.n == 0 { " * 5_000 + "return 1" + " }" * 5_000, "return 0"), ""),
    ("malformed_utf8", b'policy attempt for hostile\n\nslot answer(req) = "\xff\xfe".size()\n', ""),
    ("overlong_utf8", b'policy attempt for hostile\n\nslot answer(req) = "\xc0\xaf".size()\n', ""),
    ("surrogate_in_utf8", b'policy attempt for hostile\n\nslot answer(req) = "\xed\xa0\x80".size()\n', ""),
    ("nul_byte", b"policy attempt for hostile\n\x00\nslot answer(req) = 1\n", ""),
    ("unterminated_string", answer_of('"never ends'), ""),
    ("integer_past_the_end", answer_of("9223372036854775808"), ""),
    ("empty_file", "", ""),
]


@dataclasses.dataclass
class Outcome:
    status: int
    stdout: str
    stderr: str
    resident_kib: int


class Refuted(Exception):
    """An expectation that did not hold."""


def expect(holds, message, outcome):
    if not holds:
        raise Refuted(f"{message}\n      status {outcome.status}, {outcome.resident_kib} KiB"
                      f"\n      stdout: {outcome.stdout[:300]!r}\n      stderr: {outcome.stderr[:600]!r}")


class Command:
    """Runs writ in a folder of its own and measures each run by itself."""

    def __init__(self, writ, folder):
        self.writ, self.folder = writ, folder
        self.write("hostile.writ", SCHEMA)
        self.write("input.jsonl", INPUT)

    def write(self, name, text):
        (self.folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())

    def __call__(self, verb, policy, *options):
        argv = ["timeout", str(RUN_SECONDS), self.writ, verb, policy, "--schema", "hostile.writ", *options]
        if verb == "run":
            argv += ["--slot", "answer", "--input", "input.jsonl"]
        out, err = self.folder / "stdout", self.folder / "stderr"
        child = os.fork()
        if child == 0:
            os.chdir(self.folder)
            for number, file in ((1, out), (2, err)):
                os.dup2(os.open(file, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), number)
            os.environ["NO_COLOR"] = "1"
            os.execvp(argv[0], argv)
        _, status, usage = os.wait4(child, 0)
        outcome = Outcome(os.waitstatus_to_exitcode(status), out.read_text(errors="replace"),
                          err.read_text(errors="replace"), usage.ru_maxrss)
        expect(0 <= outcome.status < 70, f"writ {verb} crashed or hung", outcome)
        expect(outcome.resident_kib < RESIDENT_KIB_MAX, f"writ {verb} took too much memory", outcome)
        return outcome


def springs(writ, trap):
    """The trap on both engines, told alike."""
    body = trap.body.replace("\n", "\n  ")
    text = (f"policy attempt for hostile\n\n{trap.before}\n\nslot answer(req) {{\n"
            f"  if req.n == 0 {{ return {NEXT_ANSWER} }}\n  {body}\n}}\n")
    writ.write("attempt.writ", text)
    line = next((n for n, source in enumerate(text.splitlines(), 1) if "HERE" in source), r"\d+")
    told = {}
    for engine in ("jit", "interp"):
        outcome = writ("run", "attempt.writ", f"--engine={engine}")
        expect(outcome.status == 3, f"{engine}: a trap should exit with 3", outcome)
        lines = outcome.stdout.splitlines()
        expected = rf'{{"line": 1, "answer": -1, "trap": "{trap.kind}", "at": "(\S*/)?attempt\.writ:{line}:\d+"}}'
        expect(len(lines) == 2 and re.fullmatch(expected, lines[0]), f"{engine}: expected {expected}", outcome)
        expect(lines[1] == f'{{"line": 2, "answer": {NEXT_ANSWER}}}', f"{engine}: line 2 was not answered", outcome)
        spent = [text for text in outcome.stderr.splitlines() if re.search(r"fuel|memory", text) and " ns" not in text]
        expect(spent, f"{engine}: the summary does not tell fuel and memory", outcome)
        told[engine] = (lines, spent)
    expect(told["jit"] == told["interp"], f"the engines differ: {told}", outcome)


def is_refused(writ, verb, policy, says, statuses, *options):
    outcome = writ(verb, policy, *options)
    expect(outcome.status in statuses, f"writ {verb} should exit with {statuses}", outcome)
    text = outcome.stdout + outcome.stderr
    codes = re.findall(r"error\[W\d{4}\]", text)
    expect(len(codes) == 1, f"writ {verb}: one mistake should give one coded error, not {codes}", outcome)
    expect(re.search(says, text, re.DOTALL), f"writ {verb}: the error should say {says}", outcome)


def refuses(writ, text, says):
    writ.write("attempt.writ", text)
    for verb in ("check", "run"):
        is_refused(writ, verb, "attempt.writ", says, {1})


def refuses_missing_capability(writ):
    """The tier that has it runs the very text that the other refuses."""
    writ.write("attempt.writ", answer_of('clock.now() > timestamp("2026-01-01T00:00:00Z") ? 1 : 0'))
    granted = writ("check", "attempt.writ", "--tier", "trusted")
    expect(granted.status == 0, "the tier that grants the capability should accept", granted)
    for verb in ("check", "run"):
        is_refused(writ, verb, "attempt.writ", r"clock.*tenant|tenant.*clock", {1}, "--tier", "tenant")


def refuses_huge_file(writ):
    with open(writ.folder / "huge.writ", "wb") as huge:
        huge.truncate(100 << 20)
    for verb in ("check", "run"):
        is_refused(writ, verb, "huge.writ", "", {1, 4})


def refuses_huge_text(writ):
    with open(writ.folder / "huge.writ", "wb") as huge:
        huge.write(b"policy attempt for hostile\n// ")
        huge.writelines(b"long " * 20_000 for _ in range(1_000))
    for verb in ("check", "run"):
        is_refused(writ, verb, "huge.writ", "", {1, 4})


def refuses_missing_file(writ):
    for verb in ("check", "run"):
        is_refused(writ, verb, "nowhere.writ", "nowhere", {4})


def accepts_what_is_right(writ):
    """The ground under all the others: the same folder, schema and input with nothing wrong."""
    writ.write("attempt.writ", answer_of(f"req.n + {NEXT_ANSWER}"))
    outcome = writ("check", "attempt.writ")
    expect(outcome.status == 0, "a policy with nothing wrong was refused", outcome)
    outcome = writ("run", "attempt.writ")
    expect(outcome.status == 0, "a policy with nothing wrong failed", outcome)
    expect(outcome.stdout == '{"line": 1, "answer": 8}\n{"line": 2, "answer": 7}\n', "wrong answers", outcome)


CASES = {
    "accepts what is right": accepts_what_is_right,
    **{f"traps: {t.name}": lambda writ, t=t: springs(writ, t) for t in TRAPS},
    **{f"refuses: {name}": lambda writ, text=text, says=says: refuses(writ, text, says)
       for name, text, says in REFUSALS},
    "refuses: capability the tier lacks": refuses_missing_capability,
    "refuses: file of 100 MB": refuses_huge_file,
    "refuses: file of 100 MB of text": refuses_huge_text,
    "refuses: file that is not there": refuses_missing_file,
}


def main():
    writ = str(pathlib.Path(sys.argv[1]).resolve())
    passed = failed = 0
    for name, case in CASES.items():
        with tempfile.TemporaryDirectory(prefix="writ-hostile-") as folder:
            try:
                case(Command(writ, pathlib.Path(folder)))
                passed += 1
            except Refuted as refuted:
                failed += 1
                print(f"FAILED {name}: {refuted}")
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
