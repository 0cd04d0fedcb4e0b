#!/usr/bin/env python3
"""Release files by the command: keygen, build, sign, verify, inspect.

    release_test.py path/to/writ
"""
import json
import sys

import cli_test
from cli_test import CommandTest

GOLDEN = ('{"slot": "admit", "input": {"total": 7}, "expect": {"answer": "deny", "reason": "no rule matched"}}\n'
          '\n'
          '{"slot": "discount", "input": {"total": 0}}\n')
TESTS = """library sale_tests for shop
test "nobody else may buy" { expect admit(Order(total: 1, ..)) == deny }
"""


class ReleaseTest(CommandTest):
    def setUp(self):
        super().setUp()
        for name in ("alice", "bob", "eve"):
            self.must("keygen", name)
        self.write("golden.jsonl", GOLDEN)

    def must(self, *words):
        outcome = self.writ(*words)
        self.assertEqual(outcome.status, 0, outcome)
        return outcome.out

    def build(self, out, *words):
        whose = [] if "--after" in words else ["--channel", "edge", "--tenant", "acme"]
        engine = [] if any(word.startswith("--engine") for word in words) else ["--engine=interp"]
        return self.writ("build", "sale.writ", *whose, *engine, "--out", out, *words)

    def signed(self, out, *words, keys=("alice",)):
        outcome = self.build(out, *words)
        self.assertEqual(outcome.status, 0, outcome)
        for key in keys:
            self.must("sign", out, "--key", f"{key}.key")
        return out

    def verify(self, file, *words, keys=("alice",)):
        return self.writ("verify", file, *(f"--key={key}.pub" for key in keys), *words)

    def assert_refused(self, code, outcome, status=5):
        self.assertEqual(outcome.status, status, outcome)
        self.assertRegex(outcome.out + outcome.err, rf"error\[{code}\]")


class Trust(ReleaseTest):
    def test_from_keys_to_a_verified_release(self):
        self.signed("1.wrel", "--golden", "golden.jsonl", "--note", "the first", keys=("alice", "bob"))
        outcome = self.verify("1.wrel", "--threshold=2", "--channel=edge", "--tenant=acme", "--schema=shop.writ",
                              keys=("alice", "bob", "eve"))
        self.assertEqual(outcome.status, 0, outcome)
        self.assertRegex(outcome.out, r"^verified\nrelease    [0-9a-f]{64}\nchannel    edge\ntenant     acme\n")
        self.assertIn("\nnote       the first\n", outcome.out)
        told = json.loads(self.verify("1.wrel", "--format=json", keys=("alice", "bob")).out)
        self.assertEqual((told["verified"], told["sequence"], told["previous"]), (True, 1, None))

    def test_unsigned(self):
        self.assertEqual(self.build("1.wrel").status, 0)
        self.assert_refused("W8003", self.verify("1.wrel"))

    def test_signed_by_others_or_too_few(self):
        self.signed("1.wrel", keys=("alice", "eve"))
        self.assert_refused("W8004", self.verify("1.wrel"))
        self.assert_refused("W8006", self.verify("1.wrel", "--threshold=3", keys=("alice", "bob", "eve")))
        self.assertEqual(self.verify("1.wrel", "--threshold=2").status, 2)

    def test_tampered_with(self):
        whole = (self.folder / self.signed("1.wrel")).read_bytes()
        for at in range(0, len(whole), 7):
            self.write("bad.wrel", whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1:])
            outcome = self.verify("bad.wrel")
            self.assertEqual(outcome.status, 5, outcome)
            self.assertRegex(outcome.out, r"error\[W80\d\d\]")
        self.write("bad.wrel", whole.replace(b"1000 / order.total", b"1001 / order.total"))
        self.assert_refused("W8007", self.verify("bad.wrel"))
        self.write("bad.wrel", whole[:-1])
        self.assert_refused("W8001", self.verify("bad.wrel"))
        self.write("bad.wrel", b"policy sale for shop\n")
        self.assert_refused("W8001", self.verify("bad.wrel"))

    def test_for_somebody_else(self):
        self.signed("1.wrel")
        self.assert_refused("W8010", self.verify("1.wrel", "--channel=core"))
        self.assert_refused("W8009", self.verify("1.wrel", "--tenant=other"))
        self.write("other.writ", cli_test.SCHEMA.replace("else deny", "else allow"))
        self.assert_refused("W8011", self.verify("1.wrel", "--schema=other.writ"))
        self.signed("2.wrel", "--minimum-engine=99.0.0")
        self.assert_refused("W8012", self.verify("2.wrel"))

    def test_in_another_place_of_the_row(self):
        self.signed("1.wrel")
        self.signed("2.wrel", "--after=1.wrel")
        self.signed("3.wrel", "--after=2.wrel")
        self.signed("twin.wrel", "--note=twin")
        self.signed("after-twin.wrel", "--after=twin.wrel")
        self.assertEqual(self.verify("2.wrel", "--after=1.wrel").status, 0)
        self.assertEqual(self.verify("3.wrel", "--after=1.wrel").status, 0)
        same = self.verify("2.wrel", "--after=2.wrel", "--format=json")
        self.assertTrue(json.loads(same.out)["already_running"])
        self.assert_refused("W8014", self.verify("twin.wrel", "--after=1.wrel"))
        self.assert_refused("W8015", self.verify("1.wrel", "--after=2.wrel"))
        self.assert_refused("W8016", self.verify("1.wrel", "--after=3.wrel"))
        self.assert_refused("W8017", self.verify("after-twin.wrel", "--after=1.wrel"))

    def test_at_another_time(self):
        self.signed("1.wrel", "--valid=30d")
        self.assert_refused("W8018", self.verify("1.wrel", "--at=2100-01-01T00:00:00Z"))
        self.assert_refused("W8019", self.verify("1.wrel", "--at=2016-01-01T00:00:00Z"))
        self.assertEqual(self.verify("1.wrel", "--at=tomorrow").status, 2)

    def test_signing_does_not_sign_what_was_swapped(self):
        whole = (self.folder / self.signed("1.wrel")).read_bytes()
        self.write("bad.wrel", whole.replace(b"1000 / order.total", b"1001 / order.total"))
        self.assert_refused("W8007", self.writ("sign", "bad.wrel", "--key=bob.key"))
        self.assert_refused("W8001", self.writ("sign", "sale.writ", "--key=bob.key"))
        self.assertIn(b"1001", (self.folder / "bad.wrel").read_bytes())

    def test_a_large_file(self):
        with open(self.folder / "large.wrel", "wb") as file:
            file.truncate(40_000_000)
        self.assert_refused("W8002", self.verify("large.wrel"))


class Keys(ReleaseTest):
    def test_are_made_once(self):
        secret = (self.folder / "alice.key").read_text()
        self.assertEqual((self.folder / "alice.key").stat().st_mode & 0o777, 0o600)
        outcome = self.writ("keygen", "alice")
        self.assert_refused("W9004", outcome, status=4)
        self.assertEqual((self.folder / "alice.key").read_text(), secret)
        told = json.loads(self.must("keygen", "carol", "--format=json"))
        self.assertEqual((self.folder / "carol.pub").read_text(), f"writ-public-key-1 {told['public_key']}\n")
        self.assertNotIn(secret.split()[1], self.must("keygen", "dave"))

    def test_are_not_mixed_up(self):
        self.signed("1.wrel")
        self.assert_refused("W9005", self.writ("verify", "1.wrel", "--key=alice.key"), status=4)
        self.assert_refused("W9005", self.writ("sign", "1.wrel", "--key=alice.pub"), status=4)
        (self.folder / "alice.key").chmod(0o644)
        self.assert_refused("W9005", self.writ("sign", "1.wrel", "--key=alice.key"), status=4)
        self.assert_refused("W9001", self.writ("verify", "1.wrel", "--key=nobody.pub"), status=4)


class Build(ReleaseTest):
    def test_holds_tests_and_golden_decisions(self):
        self.write("sale_tests.writ", TESTS)
        told = json.loads(self.build("1.wrel", "--golden=golden.jsonl", "--tests=sale_tests.writ",
                                     "--format=json").out)
        self.assertEqual((told["tests_run"], told["golden_decisions"]), (2, 2))
        self.must("sign", "1.wrel", "--key=alice.key")
        held = json.loads(self.must("inspect", "1.wrel", "--key=alice.pub", "--format=json"))
        self.assertEqual([text["name"] for text in held["sources"] + held["tests"]],
                         ["sale.writ", "sale_tests.writ"])
        self.assertEqual(held["golden"][1]["answer"], '{"answer": null, "trap": "division_by_zero"}')

    def test_in_native_code(self):
        self.assertEqual(self.build("1.wrel", "--golden=golden.jsonl", "--engine=jit").status, 0)

    def test_has_the_same_bytes_wherever_it_is_built(self):
        (self.folder / "deep").mkdir()
        for name in ("shop.writ", "sale.writ"):
            (self.folder / "deep" / name).write_text((self.folder / name).read_text())
        here, there = (json.loads(self.must("build", f"{folder}sale.writ", "--channel=edge", "--tenant=acme",
                                            "--engine=interp", "--out=x.wrel", "--format=json"))
                       for folder in ("", "deep/"))
        self.assertEqual(here["content"], there["content"])

    def test_writes_nothing_for_what_does_not_hold(self):
        self.write("failing.writ", TESTS.replace("== deny", "== allow"))
        self.write("wrong.jsonl", '{"slot": "admit", "input": {"total": 7}, "expect": {"answer": "allow"}}\n')
        self.write("unreadable.jsonl", '{"slot": "admit"\n')
        self.write("odd.jsonl", '{"slot": "admit", "input": {"total": 7}, "expects": {}}\n')
        self.write("deep.jsonl", '{"slot": "admit", "input": {"a": ' + "[" * 100_000 + "]" * 100_000 + "}}\n")
        self.write("twice.writ", "policy twice for shop\nslot admit(order) = allow\n")
        for code, words in (("W7001", ["--tests=failing.writ"]), ("W7002", ["--golden=wrong.jsonl"]),
                            ("W5002", ["--golden=unreadable.jsonl"]), ("W5001", ["--golden=odd.jsonl"]),
                            ("W5002", ["--golden=deep.jsonl"]), ("W2009", ["twice.writ"]),
                            ("W4001", ["--tier=nobody"])):
            self.assert_refused(code, self.build("none.wrel", *words), status=1)
        for code, words in (("W9001", ["--golden=none.jsonl"]), ("W9001", ["--tests=none.writ"]),
                            ("W9001", ["--after=none.wrel"])):
            self.assert_refused(code, self.build("none.wrel", *words), status=4)
        self.assert_refused("W8001", self.build("none.wrel", "--after=sale.writ"))
        self.assertEqual(list(self.folder.glob("none.wrel*")), [])

    def test_wants_to_know_whose_release_it_is(self):
        for words in (["--channel=edge"], ["--tenant=acme"], ["--channel=Edge", "--tenant=acme"],
                      ["--channel=edge", "--tenant=acme", "--note=a\x1b[2J"]):
            outcome = self.writ("build", "sale.writ", "--engine=interp", "--out=none.wrel", *words)
            self.assertEqual(outcome.status, 2, outcome)
            self.assertIn("writ build: ", outcome.err)
        for valid in ("0s", "401d", "soon"):
            self.assertEqual(self.build("none.wrel", f"--valid={valid}").status, 2)
        self.signed("1.wrel")
        self.assertEqual(self.build("none.wrel", "--after=1.wrel", "--channel=core").status, 2)

    def test_cannot_write(self):
        self.assert_refused("W9004", self.build("no/such/folder.wrel"), status=4)
        (self.folder / "taken.wrel").mkdir()
        self.assert_refused("W9004", self.build("taken.wrel"), status=4)
        self.assertEqual([path.name for path in self.folder.glob("taken.wrel*")], ["taken.wrel"])


class Inspect(ReleaseTest):
    def test_says_when_nobody_checked(self):
        self.signed("1.wrel", "--note=look", keys=("alice", "eve"))
        outcome = self.writ("inspect", "1.wrel")
        self.assertEqual(outcome.status, 0, outcome)
        self.assertTrue(outcome.out.startswith("NOT VERIFIED: "), outcome)
        self.assertIn("note       look\n", outcome.out)
        self.assertEqual(outcome.out.count("\nsigned by  "), 2)
        self.assertNotIn("sale.writ", outcome.out)
        self.assertFalse(json.loads(self.must("inspect", "1.wrel", "--format=json"))["verified"])

    def test_shows_content_once_it_is_verified(self):
        self.signed("1.wrel", "--golden=golden.jsonl")
        outcome = self.must("inspect", "1.wrel", "--key=alice.pub")
        self.assertTrue(outcome.startswith("verified\n"), outcome)
        self.assertRegex(outcome, r"\nsources    sale\.writ \(\d+ bytes\)\n")
        self.assertIn("golden     2 decisions\n", outcome)
        self.assert_refused("W8004", self.writ("inspect", "1.wrel", "--key=bob.pub"))


if __name__ == "__main__":
    cli_test.main(sys.modules[__name__])
