#!/usr/bin/env python3
"""The command end to end: exit statuses, help, formats, what goes to which stream.

    cli_test.py path/to/writ
"""
import contextlib
import io
import json
import os
import pathlib
import pty
import re
import select
import shlex
import subprocess
import sys
import tempfile
import termios
import unittest

import json_schema

WRIT = ""
RUN_SECONDS = 60

SCHEMA = """schema shop

record Order { total: int, customer: Customer?, note: string = "", words: list<string(..8)>(..4) = [] }
record Customer { name: string(..64), kind: Kind = guest }
enum Kind { guest, member }
enum Verdict { allow, deny }

capability clock { reads fn now() -> timestamp  cost 10 }
capability audit { emits fn note(text: string)  cost 20 }

slot admit(order: Order) -> Verdict else deny
slot discount(order: Order) -> int else host

tier staff { grants clock, audit  fuel 10_000  memory 64KiB  stack 64KiB }
tier small { fuel 100  memory 1KiB  stack 4KiB }
"""

POLICY = """policy sale for shop

config { limit: int = 100  where limit in 1..1_000_001 }

slot admit(order) = decide {
  deny  "too much" when order.total > limit
  allow "member"   when order.customer?.kind == member
  else deny "no rule matched"
}

slot discount(order) {
  if order.note == "now" { audit.note("asked") }
  return 1000 / order.total
}

test "members may buy" {
  expect admit(Order(total: 1, customer: Customer(name: "ann", kind: member), ..)) == allow because "member"
}
"""

MEMBER = '{"total": 7, "customer": {"name": "ann", "kind": "member"}}\n'


class Outcome:
    def __init__(self, done):
        self.status, self.out, self.err = done.returncode, done.stdout, done.stderr

    def __repr__(self):
        return f"status {self.status}\n--- stdout\n{self.out}\n--- stderr\n{self.err}"


class CommandTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="writ-cli-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.write("shop.writ", SCHEMA)
        self.write("sale.writ", POLICY)

    def write(self, name, text):
        path = self.folder / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return str(path)

    def writ(self, *words, stdin="", variables=None, **options):
        done = subprocess.run([WRIT, *words], cwd=self.folder, input=stdin, capture_output=True, text=True,
                              timeout=RUN_SECONDS, env={**os.environ, "NO_COLOR": "1", **(variables or {})}, **options)
        outcome = Outcome(done)
        self.assertIn(outcome.status, (0, 1, 2, 3, 4, 5), outcome)
        return outcome

    def run_policy(self, lines, *words, slot="admit", engine="interp"):
        return self.writ("run", "sale.writ", "--slot", slot, "--input", "-", f"--engine={engine}", *words, stdin=lines)


class Statuses(CommandTest):
    def test_0_for_answers(self):
        outcome = self.run_policy(MEMBER)
        self.assertEqual(outcome.status, 0, outcome)
        self.assertEqual(outcome.out, '{"line": 1, "answer": "allow", "reason": "member"}\n')

    def test_1_for_a_wrong_text(self):
        self.write("bad.writ", "policy bad for shop\nslot admit(order) = order.totl > 1 ? allow : deny\n")
        for verb in (["check"], ["run", "--slot", "admit", "--input", "-"], ["test"]):
            outcome = self.writ(verb[0], "bad.writ", *verb[1:])
            self.assertEqual(outcome.status, 1, outcome)
            self.assertEqual(len(re.findall(r"error\[W\d{4}\]", outcome.out + outcome.err)), 1, outcome)

    def test_0_for_a_name_that_nothing_uses_which_check_tells(self):
        self.write("idle.writ", POLICY + "const IDLE = 1\n")
        outcome = self.writ("check", "idle.writ")
        self.assertEqual(outcome.status, 0, outcome)
        self.assertIn("warning[W2056]", outcome.out)
        self.assertNotIn("warning", self.writ("test", "idle.writ", "--engine=interp").err)

    def test_1_for_a_line_that_does_not_fit_and_the_rest_goes_on(self):
        outcome = self.run_policy('{"total": "x"}\n' + MEMBER)
        self.assertEqual(outcome.status, 1, outcome)
        self.assertIn("line 1: order.total: expected int, found string", outcome.err)
        self.assertEqual(outcome.out, '{"line": 2, "answer": "allow", "reason": "member"}\n')

    def test_1_for_a_failed_test_and_for_none(self):
        self.write("sale.writ", POLICY.replace("== allow because", "== deny because"))
        outcome = self.writ("test", "sale.writ", "--engine=interp")
        self.assertEqual(outcome.status, 1, outcome)
        self.assertIn("0 passed, 1 failed", outcome.out)
        self.assertIn("expected deny, found allow", outcome.out)
        self.assertEqual(self.writ("test", "sale.writ", "--filter", "nothing", "--engine=interp").status, 1)

    def test_2_for_wrong_usage(self):
        for words in ([], ["dance"], ["run"], ["run", "sale.writ"], ["eval"], ["eval", "1", "--engin=jit"],
                      ["eval", "1", "--opt", "1"], ["eval", "1", "--input", "nonsense"],
                      ["run", "sale.writ", "--slot", "nothing", "--input", "-"],
                      ["run", "sale.writ", "--slot", "admit", "--input", "-", "--given", "clock.then=1"],
                      ["eval", "1", "--engine=interp", "--emit=asm"], ["eval", "x", "--input", '{"x": null}']):
            outcome = self.writ(*words)
            self.assertEqual(outcome.status, 2, (words, outcome))
            self.assertEqual(outcome.out, "")
            self.assertNotEqual(outcome.err, "")

    def test_2_with_the_word_that_was_likely_meant(self):
        for words, hint in ((["evl", "1"], "writ: what is `evl`? Did you mean eval? (writ --help)"),
                            (["run", "x", "--fule=3"], "writ run: what is `--fule`? Did you mean --fuel? (writ run --help)"),
                            (["eval", "1", "--fule", "3"],
                             "writ eval: what is `--fule`? Did you mean --fuel? (writ eval --help)"),
                            (["limits", "--wat"], "writ limits: what is `--wat`? (writ limits --help)")):
            outcome = self.writ(*words)
            self.assertEqual((outcome.status, outcome.err), (2, hint + "\n"), outcome)

    def test_3_for_a_trap_even_with_a_wrong_line(self):
        outcome = self.run_policy('{"total": 0}\n{}\n{"total": 10}\n', slot="discount")
        self.assertEqual(outcome.status, 3, outcome)
        self.assertEqual(outcome.out, '{"line": 1, "answer": null, "trap": "division_by_zero", "at": "./sale.writ:13:15"}\n'
                                      .replace("./", "") + '{"line": 3, "answer": 100}\n')
        self.assertRegex(outcome.err, r"trap\[T0005\]: division by zero.*\n +╭─ sale.writ:13:15\n13 │ +return 1000 / order.total")
        self.assertEqual(self.writ("eval", "1 / 0", "--engine=interp").status, 3)

    def test_4_for_what_cannot_be_read(self):
        os.mkfifo(self.folder / "pipe.writ")
        self.write("large.writ", b"x" * (2 << 20))
        (self.folder / "empty").mkdir()
        for name in ("nowhere.writ", "pipe.writ", "large.writ", "empty"):
            outcome = self.writ("check", name)
            self.assertEqual(outcome.status, 4, (name, outcome))
            self.assertIn(name, outcome.out)
        outcome = self.writ("run", "sale.writ", "--slot", "admit", "--input", "nowhere.jsonl", "--engine=interp")
        self.assertEqual(outcome.status, 4, outcome)
        self.assertEqual(self.writ("check", "sale.writ", "--config", "nowhere.toml").status, 4)

    def test_4_for_too_many_units(self):
        (self.folder / "many").mkdir()
        for number in range(257):
            self.write(f"many/l{number}.writ", f"library l{number} for shop\n")
        outcome = self.writ("check", "many", "--schema", "shop.writ")
        self.assertEqual(outcome.status, 4, outcome)
        self.assertIn("W9002", outcome.out)
        self.assertIn("over 256 units", outcome.out)

    def test_4_for_a_release_of_too_many_bytes(self):
        filler = "// " + "x" * 100 + "\n"
        for number in range(17):
            self.write(f"l{number}.writ", f"library l{number} for shop\n" + filler * 10_000)
        outcome = self.writ("check", ".")
        self.assertEqual(outcome.status, 4, outcome)
        self.assertIn("the release is too large", outcome.out)

    def test_4_for_a_document_of_too_many_bytes(self):
        with open(self.folder / "large.toml", "wb") as large:
            large.truncate((16 << 20) + 1)
        outcome = self.writ("check", "sale.writ", "--config", "large.toml")
        self.assertEqual(outcome.status, 4, outcome)
        self.assertIn("W9002", outcome.out)

    def test_4_when_no_schema_can_be_found(self):
        self.write("lost.writ", "policy lost for elsewhere\n")
        outcome = self.writ("check", "lost.writ")
        self.assertEqual(outcome.status, 4, outcome)
        self.assertIn("W9003", outcome.out)
        self.assertIn("--schema FILE", outcome.out)  # no path that is not there

    @unittest.skipUnless(os.path.exists("/dev/full"), "needs /dev/full")
    def test_4_for_a_full_disk(self):
        with open("/dev/full", "w") as full:
            done = subprocess.run([WRIT, "limits"], stdout=full, stderr=subprocess.PIPE, text=True, timeout=RUN_SECONDS)
        self.assertEqual(done.returncode, 4, done.stderr)
        self.assertIn("standard output", done.stderr)

    def test_4_for_a_closed_standard_output(self):
        done = subprocess.run(["sh", "-c", '"$0" limits >&-', WRIT], stderr=subprocess.PIPE, text=True, timeout=RUN_SECONDS)
        self.assertEqual(done.returncode, 4, done.stderr)

    def test_a_reader_that_has_seen_enough_is_no_error(self):
        self.write("many.jsonl", MEMBER * 50_000)
        script = '"$0" run sale.writ --slot admit --input many.jsonl --engine=interp 2>/dev/null | head -1; echo "${PIPESTATUS[0]}"'
        done = subprocess.run(["bash", "-c", script, WRIT], cwd=self.folder, capture_output=True, text=True,
                              timeout=RUN_SECONDS)
        self.assertEqual(done.stdout, '{"line": 1, "answer": "allow", "reason": "member"}\n0\n')


class Engines(CommandTest):
    def test_both_answer_alike_and_the_summary_names_the_engine(self):
        lines = MEMBER + '{"total": 0}\n{"total": 500}\n'
        for slot in ("admit", "discount"):
            jit = self.run_policy(lines, "--emit=fuel", slot=slot, engine="jit")
            interp = self.run_policy(lines, "--emit=fuel", slot=slot)
            self.assertEqual((jit.status, jit.out), (interp.status, interp.out), jit)
            self.assertRegex(jit.err, r"by native code \((\d+) of \1 functions compiled\)")
            self.assertIn("by the interpreter", interp.err)

    def test_without_the_compiler_nothing_is_interpreted_silently(self):
        alone = self.folder / "writ"
        alone.write_bytes(pathlib.Path(WRIT).read_bytes())
        alone.chmod(0o755)
        for words in (["eval", "1"], ["run", "sale.writ", "--slot", "admit", "--input", "-"], ["test", "sale.writ"]):
            done = subprocess.run([alone, *words], cwd=self.folder, input="", capture_output=True, text=True,
                                  timeout=RUN_SECONDS, env={"PATH": "/usr/bin:/bin"})
            self.assertEqual(done.returncode, 4, done)
            self.assertEqual(len(done.stderr.splitlines()), 1, done)
            self.assertEqual(done.stdout, "")

    @unittest.skipUnless(os.path.exists("/proc/self/maps"), "needs /proc")
    def test_llvm_is_loaded_only_for_native_code(self):
        loaded = {}
        for engine in ("interp", "jit"):
            with subprocess.Popen([WRIT, "run", "sale.writ", "--slot", "admit", "--input", "-", f"--engine={engine}",
                                   "--emit=fuel"], cwd=self.folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, text=True) as child:
                # A trap is told at once, when everything is loaded.
                child.stdin.write('{"total": "x"}\n')
                child.stdin.flush()
                child.stderr.readline()
                loaded[engine] = "libLLVM" in pathlib.Path(f"/proc/{child.pid}/maps").read_text()
                child.communicate(timeout=RUN_SECONDS)
        self.assertEqual(loaded, {"interp": False, "jit": True})

    def test_stages(self):
        outcome = self.writ("run", "sale.writ", "--slot", "admit", "--emit=tokens,ast,ir,llvm,llvm-opt,asm")
        self.assertEqual(outcome.status, 0, outcome)
        for text in ("sale.admit", "define"):
            self.assertIn(text, outcome.out)
        outcome = self.writ("eval", "1 + 2", "--emit=ir,fuel", "--engine=interp")
        self.assertRegex(outcome.out, r"IntAdd\(1, 2\)[^$]*\n3\nfuel 1, memory 0\n$")


class Inspect(CommandTest):
    def test_what_a_slot_depends_on(self):
        self.write("sale.yaml", "sale:\n  limit: 50\n")
        outcome = self.writ("inspect", "sale.writ", "--config", "sale.yaml")
        self.assertEqual((outcome.status, outcome.err), (0, ""), outcome)
        self.assertEqual(outcome.out, """schema shop
tiers  staff
config
  sale.limit = 50  (sale.yaml:2:3)
slot admit(order: Order) -> Verdict
  units        sale
  config       sale.limit
  reads        order.customer, order.customer.kind, order.total
slot discount(order: Order) -> int
  units        sale
  capabilities audit.note
  reads        order.note, order.total
""")
        outcome = self.writ("inspect", "sale.writ", "--set", "sale.limit=7", "--format", "json")
        self.assertEqual(json.loads(outcome.out)["config"],
                         [{"name": "sale.limit", "type": "int", "value": 7,
                           "origins": [{"file": "--set", "line": 1, "column": 6}]}])
        self.assertEqual(json.loads(outcome.out)["slots"][1],
                         {"slot": "discount", "units": ["sale"], "functions": [], "capabilities": ["audit.note"],
                          "config": [], "reads": ["order.note", "order.total"]})

    def test_what_no_tier_takes_is_told(self):
        outcome = self.writ("inspect", "sale.writ", "--tier", "small")
        self.assertEqual((outcome.status, outcome.out), (1, ""), outcome)
        self.assertIn("W4002", outcome.err)

    CONFIG = """policy sale for shop
/// How the sale runs.
config {
  /// At most this much.
  limit: int(..100) = 5  where limit > 0
  share: double(0.0..1.0) = 0.5
  code:  string(2..4) = "ab"
  open:  bool = false
  least: Kind = guest
  kinds: set<Kind> = {}
  wait:  duration = 1m
  from:  timestamp = timestamp("2026-01-01T00:00:00Z")
  home:  cidr? = absent
  rates: map<string, uint> = {}
  base:  Rank = Rank(name: "x", percent: 1)
  ranks: list<Rank>(..2) = []
}
record Rank { name: string, percent: int(..100), note: string = "" }
slot admit(order) = order.total > limit ? deny : allow
"""

    # A config, whether Writ takes it, and whether the schema does: never less than Writ.
    DOCUMENTS = (
        ({}, True, True),
        ({"limit": 7, "share": 1, "code": "abcd", "open": True, "least": "member", "kinds": ["guest"]}, True, True),
        ({"limit": "0x10", "share": "0.25", "open": "true", "least": "Kind.member", "wait": "2h30m"}, True, True),
        ({"from": "2026-05-01T10:00:00+02:00", "home": "10.0.0.0/8", "rates": {"a": 1, "b": "2KiB"}}, True, True),
        ({"home": None, "limit": 7.0, "ranks": [{"name": "a", "percent": 1}]}, True, True),
        ({"base": {"percent": 2}}, True, True),
        ({"limit": 101}, False, False),
        ({"limit": "x"}, False, False),
        ({"limit": 1.5}, False, False),
        ({"limit": None}, False, False),
        ({"limt": 1}, False, False),
        ({"share": 2}, False, False),
        ({"code": "abcde"}, False, False),
        ({"code": 12}, False, False),
        ({"open": "yes"}, False, False),
        ({"least": "owner"}, False, False),
        ({"kinds": ["guest", "guest"]}, False, False),
        ({"kinds": "guest"}, False, False),
        ({"wait": 5}, False, False),
        ({"wait": "soon"}, False, False),
        ({"from": "2026-05-01"}, False, False),
        ({"home": "10.0.0.1"}, False, False),
        ({"rates": {"a": -1}}, False, False),
        ({"rates": [1]}, False, False),
        ({"ranks": [{"name": "a"}]}, False, False),
        ({"ranks": [{"name": "a", "percent": 1, "more": 1}]}, False, False),
        ({"ranks": [{"name": "a", "percent": 1}] * 3}, False, False),
        ({"base": {"percent": 101}}, False, False),
        # What only Writ sees.
        ({"limit": 0}, False, True),
        ({"limit": "101"}, False, True),
        ({"home": "10.0.0.1/8"}, False, True),
    )

    def test_the_json_schema_takes_what_writ_takes(self):
        self.write("sale.writ", self.CONFIG)
        schema = json.loads(self.writ("inspect", "sale.writ", "--json-schema").out)
        for config, by_writ, by_schema in self.DOCUMENTS:
            document = {"$schema": "sale.schema.json", "sale": config}
            self.write("sale.json", json.dumps(document))
            outcome = self.writ("check", "sale.writ", "--config", "sale.json")
            self.assertEqual(outcome.status == 0, by_writ, (config, outcome))
            self.assertEqual(json_schema.takes(schema, document), by_schema, config)
        self.assertFalse(json_schema.takes(schema, {"sael": {}}))

    def test_the_json_schema_tells_what_the_policy_says(self):
        self.write("sale.writ", self.CONFIG)
        schema = json.loads(self.writ("inspect", "sale.writ", "--json-schema").out)
        self.assertEqual(schema["$schema"], "https://json-schema.org/draft/2020-12/schema")
        knobs = schema["properties"]["sale"]["properties"]
        self.assertEqual({word: knobs["limit"][word] for word in ("description", "default", "$comment")},
                         {"description": "At most this much.", "default": 5, "$comment": "where limit > 0"})
        self.assertEqual(knobs["wait"]["default"], "1m")
        self.assertEqual(knobs["base"]["default"], {"name": "x", "percent": 1, "note": ""})
        self.assertEqual(schema["$defs"]["Rank"]["required"], ["name", "percent"])


class Options(CommandTest):
    def test_config_and_set(self):
        self.write("sale.toml", "[sale]\nlimit = 5\n")
        self.assertIn('"too much"', self.run_policy(MEMBER, "--config", "sale.toml").out)
        self.assertIn('"member"', self.run_policy(MEMBER, "--config", "sale.toml", "--set", "sale.limit=50").out)
        self.assertEqual(self.run_policy(MEMBER, "--set", "sale.limit=0").status, 1)

    def test_config_in_every_notation(self):
        self.write("sale.json", '{"sale": {"limit": 5}}')
        self.write("sale.yaml", "sale:\n  limit: 50\n")
        self.assertIn('"too much"', self.run_policy(MEMBER, "--config", "sale.json").out)
        self.assertIn('"member"', self.run_policy(MEMBER, "--config", "sale.json", "--config", "sale.yaml").out)
        self.write("sale.ini", "")
        outcome = self.writ("check", "sale.writ", "--config", "sale.ini", "--format", "short")
        self.assertEqual(outcome.status, 1, outcome)
        self.assertIn("W3010", outcome.out)

    def test_rows(self):
        self.write("ranks.writ", "policy ranks for shop\nconfig { ranks: list<Rank> = [] }\n"
                                 "record Rank { name: string, percent: int }\n"
                                 "slot discount(order) = ranks.exists(r, r.percent == order.total) ? 1 : 0\n")
        for option, file in (("ranks.ranks=list.csv", "list.csv"), ("ranks.ranks.csv", "ranks.ranks.csv")):
            self.write(file, 'name,percent\n"gold, old",7\n')
            outcome = self.writ("run", "ranks.writ", "--slot", "discount", "--input", "-", "--engine=interp",
                                "--config", option, stdin=MEMBER)
            self.assertEqual(outcome.out, '{"line": 1, "answer": 1}\n', outcome)
        self.write("list.csv", "name,percent\ngold,x\n")
        outcome = self.writ("check", "ranks.writ", "--config", "ranks.ranks=list.csv", "--format", "short")
        self.assertRegex(outcome.out, r"^list\.csv:2:6: error\[W3005\]")
        outcome = self.writ("check", "ranks.writ", "--config", "list.csv", "--format", "short")
        self.assertIn("W3010", outcome.out)

    def test_the_environment_is_between_documents_and_set(self):
        self.write("sale.toml", "[sale]\nlimit = 50\n")
        words = ("run", "sale.writ", "--slot", "admit", "--input", "-", "--engine=interp", "--config", "sale.toml")
        five = {"WRIT__SALE__LIMIT": "5"}
        self.assertIn('"member"', self.writ(*words, stdin=MEMBER).out)
        self.assertIn('"too much"', self.writ(*words, stdin=MEMBER, variables=five).out)
        self.assertIn('"member"', self.writ(*words, "--set", "sale.limit=50", stdin=MEMBER, variables=five).out)
        wrong = self.writ("check", "sale.writ", "--format", "short", variables={"WRIT__SALE__LIMTI": "5"})
        self.assertEqual(wrong.status, 1, wrong)
        self.assertRegex(wrong.out, r"^environment:1:1: error\[W3003\].*WRIT__SALE__LIMIT")

    def test_help_for_what_other_languages_have(self):
        for expression, help_line in [
                ('timestamp("2026-01-01T00:00:00Z").format("x")', "put a text together of its parts"),
                ('{"a": 1}.keys()', "m.map(k, k)"), ('{"a": 1}.values()', "m.transformList(k, v, v)"),
                ('cidr("10.0.0.0/8").contains(ip("10.0.0.1"))', "containsIP"),
                ("[1].map(i, x, i * x)", "transformList(i, x"), ("match 1 { 0 => 1, x => 2 }", "write `_`")]:
            outcome = self.writ("eval", expression, "--engine=interp")
            self.assertIn(help_line, outcome.out + outcome.err, expression)
            self.assertNotIn("did you mean", outcome.out + outcome.err, expression)

    def test_explain_has_an_example_and_a_way_out(self):
        for code in ("W1007", "W2001", "W2002", "W2024", "W2029", "W3005", "W5001"):
            outcome = self.writ("explain", code)
            self.assertRegex(outcome.out, rf"^{code}  error .*\n\n", outcome)
            self.assertRegex(outcome.out, r"\n  wrong  (.*\n)+.*  right  ", outcome)
        self.assertNotIn("wrong  ", self.writ("explain").out)

    def test_tier_fuel_and_memory(self):
        refused = self.run_policy(MEMBER, "--tier", "small")
        self.assertEqual(refused.status, 1, refused)
        self.assertRegex(refused.err, "audit")
        self.assertIn('"trap": "out_of_fuel"', self.run_policy(MEMBER, "--fuel", "0").out)

    def test_cost(self):
        outcome = self.writ("check", "sale.writ", "--cost")
        self.assertEqual(outcome.status, 0, outcome)
        rows = [line.split() for line in outcome.out.splitlines()]
        self.assertEqual([row[0] for row in rows], ["slot", "admit", "discount", "quota"])
        self.assertEqual(rows[3][1:], ["10000", "65536", "65536"])
        rows = [json.loads(line) for line in self.writ("check", "sale.writ", "--cost", "--format", "json").out.splitlines()]
        self.assertEqual([row["slot"] for row in rows], ["admit", "discount"])
        self.assertEqual(rows[0]["quota"], {"fuel": 10000, "memory": 65536, "stack": 65536})
        used = [json.loads(line) for line in self.run_policy(MEMBER, "--emit=fuel").out.splitlines()]
        self.assertLessEqual(used[0]["fuel"], rows[0]["fuel"])

    def test_cost_of_what_has_no_bound(self):
        self.write("long.writ", "policy long for shop\nslot discount(order) = order.note.size()\n")
        outcome = self.writ("check", "long.writ", "--cost", "--format", "short")
        self.assertEqual(outcome.status, 0, outcome)
        self.assertRegex(outcome.out, r"long.writ:2:\d+: warning\[W4006\]: .*`Order.note` has no bound")
        self.assertRegex(outcome.out, r"discount +no bound +0 +72")
        json_lines = self.writ("check", "long.writ", "--cost", "--format", "json").out.splitlines()
        self.assertEqual(json.loads(json_lines[-1])["fuel"], None)

    def test_given_and_emitted(self):
        self.write("timed.writ", "policy timed for shop\nslot discount(order) {\n  audit.note(order.note)\n"
                                 '  return clock.now() > timestamp("2026-01-01T00:00:00Z") ? 1 : 2\n}\n')
        words = ["run", "timed.writ", "--slot", "discount", "--input", "-", "--engine=interp"]
        lines = '{"total": 1, "note": "x\\"y"}\n'
        outcome = self.writ(*words, "--given", 'clock.now=timestamp("2026-02-01T00:00:00Z")', stdin=lines)
        self.assertEqual(outcome.out, '{"line": 1, "answer": 1, "emitted": [{"audit.note": ["x\\"y"]}]}\n', outcome)
        self.assertEqual(self.writ(*words, "--given", "clock.now=2026-02-01T00:00:00Z", stdin=lines).out, outcome.out)
        outcome = self.writ(*words, stdin=lines)
        self.assertIn('"trap": "host_error"', outcome.out)
        self.assertIn("clock.now", outcome.err)

    def test_eval_variables(self):
        for expression, variables, value in [
                ("a + b", '{"a": 1, "b": 2}', "3"), ("-5 / 2", "{}", "-2"), ("2h30m / 5", "{}", "30m"),
                ("xs[1] + s", '{"xs": ["a", "b"], "s": "c"}', '"bc"'), ("d > 1.0", '{"d": 1.5}', "true")]:
            outcome = self.writ("eval", expression, "--input", variables, "--engine=interp")
            self.assertEqual((outcome.status, outcome.out), (0, value + "\n"), (expression, outcome))
        outcome = self.writ("eval", "order.total + 1", "--schema", "shop.writ", "--input", '{"order": {"total": 4}}',
                            "--engine=interp", "--format", "json")
        self.assertEqual(outcome.out, "5\n", outcome)

    def test_a_folder_and_the_schema_beside_it(self):
        self.assertEqual(self.writ("check", ".").status, 0)
        self.assertEqual(self.writ("check", "sale.writ").status, 0)
        self.assertEqual(self.writ("check", "shop.writ").status, 0)

    def test_libraries_beside_the_policy(self):
        self.write("words.writ", "library words for shop\nfn one() -> int = 1\n")
        self.write("user.writ", "policy user for shop\nuse words.{one}\nslot discount(order) = one()\n")
        self.assertEqual(self.writ("check", "user.writ").status, 0)

    def test_formats(self):
        self.write("bad.writ", "policy bad for shop\nslot admit(order) = nothing\n")
        short = self.writ("check", "bad.writ", "--format", "short")
        self.assertRegex(short.out, r"^bad.writ:2:\d+: error\[W\d{4}\]: .*\n$")
        found = json.loads(self.writ("check", "bad.writ", "--format", "json").out)
        self.assertEqual((found["file"], found["line"], found["severity"]), ("bad.writ", 2, "error"))
        rows = [json.loads(line) for line in self.writ("limits", "--format", "json").out.splitlines()]
        self.assertIn("InputLineBytes", [row["name"] for row in rows])
        test = json.loads(self.writ("test", "sale.writ", "--format", "json", "--engine=interp").out)
        self.assertEqual((test["unit"], test["test"], test["passed"]), ("sale", "members may buy", True))
        outcome = self.run_policy(MEMBER + "{}\n", "--format", "json")
        mismatch, summary = (json.loads(line) for line in outcome.err.splitlines())
        self.assertEqual((mismatch["line"], mismatch["path"]), (2, "order.total"))
        self.assertEqual((summary["decisions"], summary["answers"], summary["mismatched"]), (1, {"allow": 1}, 1))

    def test_colour(self):
        self.write("bad.writ", "policy bad for shop\nslot admit(order) = nothing\n")
        self.assertIn("\x1b[", self.writ("check", "bad.writ", "--color", "always").out)
        self.assertNotIn("\x1b[", self.writ("check", "bad.writ").out)

    def test_help_teaches_by_examples(self):
        for verb in ("run", "check", "test", "eval", "repl", "explain", "limits", "version",
                     "keygen", "build", "sign", "verify", "inspect"):
            outcome = self.writ(verb, "--help")
            self.assertEqual(outcome.status, 0, outcome)
            self.assertRegex(outcome.out, rf"Examples:\n  writ {verb}\b")
        outcome = self.writ("--help")
        self.assertEqual(outcome.status, 0, outcome)
        self.assertRegex(outcome.out, r"Examples:\n  writ ")
        self.assertRegex(outcome.out, r"Statuses: 0 .*; 1 .*; 2 .*; 3 .*; 4 .*; 5 .*; 70 ")
        self.assertRegex(self.writ("version").out, r"^writ \d+\.\d+\.\d+ ")


class Input(CommandTest):
    """Each line that does not fit, with the place that it names; the last line must still be answered."""

    CASES = [
        ('{"total": 1.5}', "order.total: expected int, and no int is 1.5"),
        ('{"total": 1e400}', "order.total: "),
        ('{"total": 9223372036854775808}', "order.total: "),
        ('{"total": true}', "order.total: expected int, found bool"),
        ('{"note": "x"}', "order.total: this field is missing"),
        ('{"total": 1, "total": 2}', "order.total: this field stands twice"),
        ('{"total": 1, "more": 1, "more": 2}', "order.more: this field stands twice"),
        ('{"total": 1, "customer": {"name": 3}}', "order.customer.name: expected string, found number"),
        ('{"total": 1, "customer": {"name": "a", "kind": "boss"}}', "order.customer.kind: expected Kind (guest, member)"),
        ('{"total": 1, "words": ["a", null]}', "order.words[1]: expected string, found null"),
        ('{"total": 1', "W5002"), ("[]", "expected an object"), ('{"total": 1} 2', "W5002"), ("nonsense", "W500"),
        ('{"total": 1, "more": ' + "[" * 100 + "]" * 100 + "}", "order.more: more than 64 values"),
    ]

    def test_mismatches(self):
        outcome = self.run_policy("".join(line + "\n" for line, _ in self.CASES) + MEMBER)
        self.assertEqual(outcome.status, 1, outcome)
        errors = [line for line in outcome.err.splitlines() if line.startswith("error")]
        self.assertEqual(len(errors), len(self.CASES), outcome)
        for number, (error, (_, text)) in enumerate(zip(errors, self.CASES), 1):
            self.assertIn(f": line {number}: ", error)
            self.assertIn(text, error)
        self.assertEqual(len(outcome.out.splitlines()), 1)

    def test_malformed_utf8_and_long_lines(self):
        self.write("in.jsonl", b'{"total": 1, "note": "\xff"}\n{"total": 1, "note": "' + b"x" * (5 << 20) + b'"}\n' + MEMBER.encode())
        outcome = self.writ("run", "sale.writ", "--slot", "admit", "--input", "in.jsonl", "--engine=interp")
        self.assertEqual(outcome.status, 1, outcome)
        self.assertIn("line 1: the text is not valid UTF-8", outcome.err)
        self.assertIn("line 2: it is over the limit of 4194304 bytes", outcome.err)
        self.assertIn('"line": 3', outcome.out)

    def test_unknown_fields_are_counted_and_the_last_line_needs_no_end(self):
        outcome = self.run_policy('{"total": 1.0, "a": 1, "b": {"c": [null]}}\n\n{"total": 2, "customer": null}')
        self.assertEqual(outcome.status, 0, outcome)
        self.assertEqual([json.loads(line)["line"] for line in outcome.out.splitlines()], [1, 3])
        self.assertIn("2 fields that the schema lacks", outcome.err)


class Session:
    """A file of repl/: inputs, and beside each the lines that it prints."""

    BESIDE = "//> "
    ARGUMENTS = "// arguments "

    def __init__(self, path):
        self.path = path
        lines = path.read_text().splitlines()
        self.arguments = []
        if lines[0].startswith(self.ARGUMENTS):
            self.arguments = shlex.split(lines[0].removeprefix(self.ARGUMENTS))
        self.status = int(lines.pop().removeprefix("// status "))
        self.parts = [([], [])]  # what is typed, what it prints
        for line in lines:
            if line.startswith(self.BESIDE):
                self.parts[-1][1].append(line.removeprefix(self.BESIDE))
                continue
            if self.parts[-1][1]:
                self.parts.append(([], []))
            self.parts[-1][0].append(line)

    def typed(self, parts):
        """All before part `parts`, as the file has it: so an input's number is its line in the file."""
        text = []
        for typed, beside in self.parts[:parts]:
            text += typed + [self.BESIDE + line for line in beside]
        return "".join(line + "\n" for line in text)

    def write(self, printed, status):
        lines = []
        for (typed, _), out in zip(self.parts, printed):
            lines += typed + [self.BESIDE + line for line in out]
        self.path.write_text("\n".join([*lines, f"// status {status}"]) + "\n")


class Prompt(CommandTest):
    def setUp(self):
        super().setUp()
        self.write("sale.toml", "[sale]\nlimit = 1000\n")

    def type_piped(self, text, *words):
        done = subprocess.run([WRIT, "repl", *words], cwd=self.folder, input=text, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=RUN_SECONDS)
        return done.returncode, done.stdout.splitlines()

    def test_sessions(self):
        paths = sorted((pathlib.Path(__file__).parent / "repl").glob("*.session"))
        self.assertGreater(len(paths), 5)
        for path in paths:
            with self.subTest(path.stem):
                self.try_session(Session(path))

    def try_session(self, session):
        words = ["--format", "short", *session.arguments]
        printed, before = [], 0
        for parts in range(1, len(session.parts) + 1):
            status, lines = self.type_piped(session.typed(parts), "--engine=interp", *words)
            printed.append(lines[before:])
            before = len(lines)
        if os.environ.get("WRIT_UPDATE"):
            session.write(printed, status)
            return
        for (typed, wanted), out in zip(session.parts, printed):
            self.assertEqual(out, wanted, typed)
        self.assertEqual(status, session.status)
        self.assertEqual(self.type_piped(session.typed(len(session.parts)), *words),
                         (status, [line for out in printed for line in out]), "native code")

    def test_answers_and_errors_go_apart(self):
        outcome = self.writ("repl", stdin="1+1\nnothing\n2\n")
        self.assertEqual((outcome.status, outcome.out), (1, "2\n2\n"), outcome)
        self.assertRegex(outcome.err, r"error\[W2002\]: no name `nothing` here\n +╭─ prompt\[2\]:1:1\n")
        outcome = self.writ("repl", "sale.writ", "--format", "json", stdin="admit(Order(total: 1000, ..))\n")
        self.assertEqual(json.loads(outcome.out), {"value": "deny", "type": "Verdict", "reason": "too much"})

    def test_what_it_cannot_begin_with(self):
        for words, status in ((["nothing.writ"], 4), (["sale.writ", "--set", "sale.limit=0"], 1),
                              (["sale.writ", "--tier", "nobody"], 1), (["--schem", "shop.writ"], 2)):
            outcome = self.writ("repl", *words, stdin="1\n")
            self.assertEqual((outcome.status, outcome.out), (status, ""), (words, outcome))

    def test_machine_code_of_functions_and_slots(self):
        outcome = self.writ("repl", "sale.writ", stdin="fn f(n: int) -> int = n + 1\n:asm f\n:asm sale.admit\n:asm g\n")
        self.assertEqual(outcome.status, 1, outcome)
        self.assertRegex(outcome.out, r"^prompt\.f\.\d+: \(\d+ bytes\)\n(  .*\n)+sale\.admit\.\d+: \(\d+ bytes\)\n(  .*\n)+$")
        self.assertIn("no function or slot `g`", outcome.err)
        self.assertEqual(self.writ("repl", "--engine=interp", stdin=":asm f\n").status, 2)

    def test_an_input_has_a_limit(self):
        for text in ("1" * (2 << 20), "(" + "\n" * (1 << 20), "schema x\n" + "// comment\n" * (1 << 17) + ":end"):
            outcome = self.writ("repl", "--engine=interp", stdin=text + "\n2 + 2\n")
            self.assertEqual((outcome.status, outcome.out), (1, "4\n"), outcome.err[:200])
            self.assertRegex(outcome.err, r"^writ repl: line \d+: this input is over the limit of 1048576 bytes\n$")

    @unittest.skipUnless(os.path.exists("/proc/self/status"), "needs /proc")
    def test_memory_does_not_grow_with_what_was_typed(self):
        again = "".join(f"fn f(n: int) -> int = n + {i}\nlet x = f({i})\n1 / (x - x)\n" for i in range(150))
        # AddressSanitizer would keep what was freed.
        checked = {"ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":quarantine_size_mb=0:thread_local_quarantine_size_kb=0"}
        with subprocess.Popen([WRIT, "repl"], cwd=self.folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, text=True, env=os.environ | checked) as child:
            sizes = []
            for _ in range(3):
                child.stdin.write(again + "x\n")
                child.stdin.flush()
                self.assertEqual(child.stdout.readline(), "298\n")
                status = pathlib.Path(f"/proc/{child.pid}/status").read_text()
                sizes.append(int(re.search(r"VmRSS:\s+(\d+)", status)[1]))
            child.communicate(timeout=RUN_SECONDS)
        self.assertLess(sizes[2] - sizes[1], 1024, sizes)


class Terminal(CommandTest):
    """The prompt with a terminal of its own."""

    def setUp(self):
        super().setUp()
        self.said = ""

    def open(self):
        child, self.terminal = pty.fork()
        if child == 0:
            os.chdir(self.folder)
            os.execve(WRIT, ["writ", "repl"], {"PATH": os.environ["PATH"], "TERM": "xterm", "NO_COLOR": "1",
                                               "XDG_STATE_HOME": str(self.folder / "state")})
        self.addCleanup(os.close, self.terminal)
        self.expect("writ> ")
        self.await_keys()
        return child

    def await_keys(self):
        """The prompt shows a moment before the terminal hands over single keys."""
        while termios.tcgetattr(self.terminal)[3] & termios.ICANON:
            os.sched_yield()

    def expect(self, mark):
        """What is said up to `mark`; what follows waits for the next call."""
        while mark not in self.said:
            ready, _, _ = select.select([self.terminal], [], [], RUN_SECONDS)
            self.assertTrue(ready, f"waiting for {mark!r}, read {self.said!r}")
            try:
                self.said += os.read(self.terminal, 4096).decode()
            except OSError:  # the other end is closed
                self.fail(f"ended before {mark!r}: {self.said!r}")
        before, self.said = self.said.split(mark, 1)
        return before

    def type(self, keys, prompt="writ> "):
        os.write(self.terminal, keys.encode())
        shown = self.expect("\n") + self.expect(prompt)  # the line being typed may be drawn again with its prompt
        self.await_keys()
        return shown

    def end(self, child, keys):
        os.write(self.terminal, keys.encode())
        self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), 0)

    def test_prompt_continuation_history_and_completion(self):
        child = self.open()
        self.assertIn("2 : int\r\n", self.type("1 + 1\r"))
        self.type("fn f(n: int) -> int {\r", "....> ")
        self.type("  nonsense\r", "....> ")
        self.assertIn("^C", self.type("\x03"))
        self.type("fn f(n: int) -> int {\r", "....> ")
        self.type("return n * 2 }\r")
        self.assertIn("trap[T0005]: division by zero", self.type("1 / 0\r"))
        self.assertIn("8 : int", self.type("f(4)\r"))
        self.assertIn("8 : int", self.type("\x1b[A\r"))
        self.assertIn("true : bool", self.type('"abc".starts\t("ab")\r'))
        self.end(child, "\x04")
        child = self.open()
        self.assertIn("true : bool", self.type("\x1b[A\r"))
        self.end(child, ":quit\r")
        self.assertEqual((self.folder / "state/writ/repl_history").stat().st_mode & 0o777, 0o600)


def main(module):
    global WRIT
    WRIT = str(pathlib.Path(sys.argv[1]).resolve())
    suite = unittest.defaultTestLoader.loadTestsFromModule(module)
    told = io.StringIO()
    with contextlib.redirect_stderr(told):
        result = unittest.TextTestRunner(stream=told).run(suite)
    failed = len(result.failures) + len(result.errors)
    if failed:
        print(told.getvalue())
    print(f"{result.testsRun - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main(sys.modules[__name__])
