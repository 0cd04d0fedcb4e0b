#!/usr/bin/env python3
"""Feeds by the command: publish, status, history, rollback, approve.

    feed_test.py path/to/writ
"""
import json
import os
import signal
import subprocess
import sys
import time

import cli_test
from release_test import ReleaseTest

FEED = ("edge", "--tenant=acme", "--from=feed", "--key=alice.pub")


class FeedTest(ReleaseTest):
    def publish(self, file, *words):
        return self.writ("publish", file, "--to=feed", "--key=alice.pub", *words)

    def published(self, count):
        """Releases 1 to `count`, published: their files."""
        for number in range(1, count + 1):
            after = [f"--after={number - 1}.wrel"] if number > 1 else []
            self.signed(f"{number}.wrel", "--note", f"note {number}", *after)
            outcome = self.publish(f"{number}.wrel")
            self.assertEqual(outcome.status, 0, outcome)

    def hash_of(self, file):
        return json.loads(self.must("inspect", file, "--format=json"))["release"]

    def shows(self, node, file=None, **fields):
        """What a node would say of itself, which took `file`."""
        status = {"node": node, "tenant": "acme", "channel": "edge", "running": 0, "release": "", "on_trial": False,
                  "highest": 0, "fate": "none", "calls": 0, "traps": 0, "heard_s": 0, "said_at": int(time.time())}
        if file:
            told = json.loads(self.must("inspect", file, "--format=json"))
            status |= {"running": told["sequence"], "release": told["release"], "highest": told["sequence"],
                       "fate": "good"}
        nodes = self.folder / "feed" / "acme.edge.nodes"
        nodes.mkdir(parents=True, exist_ok=True)
        (nodes / f"{node}.json").write_text(json.dumps(status | fields))

    def status(self):
        return json.loads(self.must("status", *FEED, "--format=json"))


class Publish(FeedTest):
    def test_makes_a_release_the_latest(self):
        self.signed("1.wrel")
        outcome = self.publish("1.wrel")
        self.assertEqual((outcome.status, outcome.out), (0, "acme/edge 1 is the latest in feed\n"), outcome)
        self.assertEqual((self.folder / "feed" / "acme.edge.wrel").read_bytes(),
                         (self.folder / "1.wrel").read_bytes())
        self.assertTrue(json.loads(self.publish("1.wrel", "--format=json").out)["published"])

    def test_sends_nothing_that_is_not_to_be_trusted(self):
        self.assertEqual(self.build("1.wrel").status, 0)
        self.assert_refused("W8003", self.publish("1.wrel"))
        self.must("sign", "1.wrel", "--key=eve.key")
        self.assert_refused("W8004", self.publish("1.wrel"))
        self.signed("2.wrel", "--valid=1s")
        while self.verify("2.wrel").status == 0:
            pass
        self.assert_refused("W8018", self.publish("2.wrel"))
        self.assertFalse((self.folder / "feed").exists())

    def test_refuses_what_does_not_follow(self):
        self.published(2)
        self.assert_refused("W8017", self.publish("1.wrel"))
        self.signed("twin.wrel", "--after=1.wrel", "--note=twin")
        self.assert_refused("W8017", self.publish("twin.wrel"))
        self.assertEqual(self.status()["latest"]["note"], "note 2")

    def test_cannot_reach(self):
        self.signed("1.wrel")
        self.write("file", "")
        outcome = self.writ("publish", "1.wrel", "--to=file/feed", "--key=alice.pub")
        self.assert_refused("W9001", outcome, status=4)
        outcome = self.writ("publish", "1.wrel", "--to=nats://127.0.0.1:1", "--key=alice.pub")
        self.assert_refused("W9001", outcome, status=4)
        outcome = self.writ("publish", "1.wrel", "--to=nats://127.0.0.1:1", "--key=alice.pub", "--password-file=none")
        self.assert_refused("W9001", outcome, status=4)

    def test_waits_until_all_have_it(self):
        self.signed("1.wrel")
        self.shows("web-1", "1.wrel")
        self.shows("web-2", "1.wrel", on_trial=True)
        outcome = self.publish("1.wrel", "--wait=60", "--nodes=2")
        self.assertEqual(outcome.status, 0, outcome)
        self.assertTrue(outcome.out.endswith("\n2 of 2 nodes took it\n"), outcome)
        self.assertRegex(outcome.err, r"^ +\d\.\d s  web-1 took it\n +\d\.\d s  web-2 took it\n$")

    def test_says_who_refused_and_who_does_not_answer(self):
        self.signed("1.wrel")
        refusal = {"sequence": 1, "release": self.hash_of("1.wrel"), "code": "W7001", "message": "no \x1b[2Jgood"}
        self.shows("web-1", "1.wrel")
        self.shows("web-2", refusal=refusal)
        self.shows("web-3", highest=1, fate="held")
        outcome = self.publish("1.wrel", "--wait=60", "--nodes=3")
        self.assertEqual(outcome.status, 1, outcome)
        self.assertIn("1 of 3 nodes took it; web-2 refused it; web-3 holds it\n", outcome.out)
        self.assertIn(r"web-2 refused it (1: W7001: no \u{1b}[2Jgood)", outcome.err)
        self.shows("web-4")
        told = json.loads(self.publish("1.wrel", "--wait=0.2", "--nodes=5", "--format=json").out)
        self.assertEqual((told["took"], told["refused"], told["held"], told["not_shown"]), (1, 1, 1, 1))
        self.assertEqual([node["stance"] for node in told["nodes"]], ["took it", "refused it", "holds it", "not yet"])

    def test_nobody_is_not_all(self):
        self.signed("1.wrel")
        outcome = self.publish("1.wrel", "--wait=0")
        self.assertEqual(outcome.status, 1, outcome)
        self.assertIn("0 of 0 nodes took it\n", outcome.out)
        self.assertEqual(self.publish("1.wrel", "--nodes=1").status, 2)


class Status(FeedTest):
    def test_is_a_table_of_nodes(self):
        self.published(3)
        self.shows("web-1", "3.wrel", calls=1204, traps=2)
        self.shows("web-2", "1.wrel", said_at=0)
        outcome = self.must("status", *FEED)
        self.assertRegex(outcome, r"^acme/edge 3: the latest, until \S+Z: note 3\n"
                                  r"node +runs +latest +behind +said +calls +traps +refused last\n"
                                  r"web-1 +3 +took it +0 +\d s ago +1204 +2\n"
                                  r"web-2 +1 +silent +2 +\d+ s ago +0 +0\n$")
        told = self.status()
        self.assertEqual([(node["node"], node["behind"], node["silent"]) for node in told["nodes"]],
                         [("web-1", 0, False), ("web-2", 2, True)])

    def test_of_nothing(self):
        (self.folder / "feed").mkdir()
        self.assertEqual(self.must("status", *FEED), "acme/edge: nothing is published\nno node shows itself\n")
        self.assertIsNone(self.status()["latest"])

    def test_of_a_directory_that_was_mistyped(self):
        for verb in (["status"], ["history"], ["rollback", "--to=1", "--sign=alice.key"]):
            self.assert_refused("W9001", self.writ(verb[0], *FEED, *verb[1:]), status=4)
        self.assertFalse((self.folder / "feed").exists())

    def test_what_is_no_status_is_left_out(self):
        self.published(1)
        self.shows("web-1", "1.wrel")
        nodes = self.folder / "feed" / "acme.edge.nodes"
        (nodes / "web-2.json").write_text("{")
        (nodes / "web-3.json").write_bytes((nodes / "web-1.json").read_bytes())
        self.assertEqual([node["node"] for node in self.status()["nodes"]], ["web-1"])


class History(FeedTest):
    def test_shows_who_signed_what(self):
        self.published(2)
        self.assertRegex(self.must("history", *FEED),
                         r"^sequence +release +signed by +expires +note\n"
                         r"2 +[0-9a-f]{16} +alice +\S+Z +note 2\n"
                         r"1 +[0-9a-f]{16} +alice +\S+Z +note 1\n$")
        told = json.loads(self.must("history", *FEED, "--format=json"))["releases"]
        self.assertEqual([row["release"] for row in told], [self.hash_of("2.wrel"), self.hash_of("1.wrel")])
        self.assertEqual(len(told[0]["signed_by"]), 1)

    def test_begins_with_the_latest_when_a_publisher_left_too_many(self):
        self.published(2)
        kept = self.folder / "feed" / "acme.edge.history"
        for number in range(100, 131):
            (kept / f"{number:020}.wrel").write_bytes((self.folder / "1.wrel").read_bytes())
        (kept / f"{2:020}.wrel").rename(kept / f"{200:020}.wrel")
        (kept / f"{1:020}.wrel").unlink()
        self.assertEqual(self.status()["latest"]["sequence"], 2)

    def test_leaves_out_what_others_signed(self):
        self.published(1)
        outcome = self.writ("history", "edge", "--tenant=acme", "--from=feed", "--key=bob.pub")
        self.assertEqual((outcome.status, outcome.out), (0, "nothing is published\n"), outcome)


class Rollback(FeedTest):
    def test_is_a_next_release_with_the_earlier_content(self):
        self.published(2)
        outcome = self.writ("rollback", *FEED, "--to=1", "--sign=alice.key")
        self.assertEqual((outcome.status, outcome.out), (0, "acme/edge 3 is the latest in feed\n"), outcome)
        latest, before, first = json.loads(self.must("history", *FEED, "--format=json"))["releases"]
        self.assertEqual((latest["previous"], latest["content"], latest["note"]),
                         (before["release"], first["content"], "back to 1"))

    def test_needs_the_key(self):
        self.published(2)
        self.assert_refused("W8004", self.writ("rollback", *FEED, "--to=1", "--sign=eve.key"))
        self.assertEqual(self.writ("rollback", *FEED, "--to=1").status, 2)
        self.assertEqual(self.status()["latest"]["sequence"], 2)

    def test_only_to_what_is_kept_and_earlier(self):
        self.published(2)
        for number in (2, 3):
            outcome = self.writ("rollback", *FEED, f"--to={number}", "--sign=alice.key")
            self.assertEqual(outcome.status, 1, outcome)

    def test_for_others_to_sign(self):
        self.published(2)
        self.must("rollback", *FEED, "--to=1", "--sign=alice.key", "--out=back.wrel")
        self.assertEqual(self.status()["latest"]["sequence"], 2)
        self.must("sign", "back.wrel", "--key=bob.key")
        told = json.loads(self.must("inspect", "back.wrel", "--format=json"))
        self.assertEqual(told["previous"], self.hash_of("2.wrel"))
        self.must("verify", "back.wrel", "--key=alice.pub", "--key=bob.pub", "--threshold=2")


class Follow(FeedTest):
    def start(self):
        node = subprocess.Popen([cli_test.WRIT, "follow", *FEED, "--schema=shop.writ", "--node=watch", "--state=state",
                                 "--trial=1ms", "--format=json"], cwd=self.folder, text=True, stdout=subprocess.PIPE)
        self.addCleanup(node.stdout.close)
        self.addCleanup(node.wait)
        self.addCleanup(node.kill)
        return node

    def wait_for(self, node, kind):
        for line in node.stdout:
            event = json.loads(line)
            if event["kind"] == kind:
                return event
        raise AssertionError(f"the node ends and never says {kind}")

    def test_tells_what_becomes_of_a_release(self):
        self.published(1)
        node = self.start()
        held = self.wait_for(node, "held")
        self.assertEqual((held["sequence"], held["code"], held["release"]), (1, "W8050", self.hash_of("1.wrel")))
        self.must("approve", held["release"], "--state=state")
        self.assertEqual(self.wait_for(node, "proved")["sequence"], 1)
        outcome = self.publish("1.wrel", "--wait=60", "--nodes=1")
        self.assertEqual(outcome.status, 0, outcome)
        node.send_signal(signal.SIGTERM)
        self.assertEqual(node.wait(60), 0)

    def test_wants_what_a_node_needs(self):
        node = ("--node=watch", "--state=state")
        self.assert_refused("W9001", self.writ("follow", *FEED, *node, "--schema=none.writ"), status=4)
        self.assertEqual(self.writ("follow", *FEED, *node, "--schema=sale.writ").status, 1)
        self.assertEqual(self.writ("follow", *FEED, "--node=../x", "--state=state", "--schema=shop.writ").status, 2)


class Approve(FeedTest):
    def test_leaves_a_word_for_the_node(self):
        self.signed("1.wrel")
        release = self.hash_of("1.wrel")
        (self.folder / "state").mkdir()
        self.assertEqual(self.must("approve", release, "--state=state"), f"approved: {release}\n")
        self.assertEqual(os.listdir(self.folder / "state"), [f"approved-{release}"])

    def test_takes_whole_hashes_and_folders_that_are_there(self):
        self.assertEqual(self.writ("approve", "5f3c", "--state=state").status, 2)
        self.assert_refused("W9004", self.writ("approve", "0" * 64, "--state=state"), status=4)


if __name__ == "__main__":
    cli_test.main(sys.modules[__name__])
