#!/usr/bin/env python3
"""What the example server makes of every way to save a file, and how it starts and ends.   watch_test.py path/to/example_server
"""
import contextlib
import io
import pathlib
import signal
import socket
import subprocess
import sys
import unittest

from running_server import EXAMPLE, RunningServer

SERVER = ""


def price_policy(price):
    return f"policy price for shop\nconfig {{ trade_discount: int = 0 }}\nslot price(order) = {price}\n"


class Watch(unittest.TestCase):
    def setUp(self):
        self.server = self.enterContext(RunningServer(SERVER))

    def price(self):
        return self.server.ask("/price?item=tea").get("answer")

    def limit(self):
        return self.server.ask("/limit?item=tea")["answer"]

    def test_a_file_that_is_renamed_into_place_counts(self):
        self.server.save("price.writ", price_policy(1))
        self.server.wait_for_release(2)
        self.assertEqual(self.price(), 1)

    def test_a_file_that_is_written_in_place_counts_when_it_is_closed(self):
        path = self.server.policies / "shop.toml"
        with open(path, "w") as file:
            file.write("[limit]\nmost = 1\n")
            file.flush()
            # A half of the document that would be valid: another file that is saved does not make it count.
            self.server.save("price.writ", price_policy(2))
            self.server.wait_for_release(2)
            self.assertEqual((self.price(), self.limit()), (2, 20))
            file.write("most_trade = 7\n")
        self.server.wait_for_release(3)
        self.assertEqual(self.limit(), 1)
        self.assertEqual(self.server.ask("/limit?item=tea&customer=ben")["answer"], 7)

    def test_a_file_that_is_moved_away_and_written_anew_was_never_gone(self):
        path = self.server.policies / "price.writ"
        path.rename(self.server.policies / "price.writ~")
        path.write_text(price_policy(3))
        self.server.wait_for_release(2)
        self.assertEqual((self.price(), self.server.ask("/release")["release"]), (3, 2))

    def test_a_file_that_is_gone_takes_its_rules_along(self):
        (self.server.policies / "price.writ").unlink()
        (self.server.policies / "shop.toml").write_text("[limit]\nmost = 4\n")
        self.server.wait_for_release(2)
        self.assertEqual((self.price(), self.limit()), (450, 4))

    def test_files_that_need_each_other_may_be_saved_in_any_order(self):
        self.server.save("price.writ", price_policy("more.more()").replace("config", "use more\nconfig"))
        self.server.save("more.writ", "library more for shop\nfn more() -> int = 8\n")
        self.server.wait_for_release(2)
        self.assertEqual(self.price(), 8)

    def test_of_two_documents_the_later_by_name_wins(self):
        self.server.save("zz.toml", "[limit]\nmost = 6\n")
        self.server.wait_for_release(2)
        self.server.save("aa.toml", "[limit]\nmost = 5\n")
        self.server.wait_for_release(3)
        self.assertEqual(self.limit(), 6)

    def test_a_wrong_text_is_told_and_changes_nothing(self):
        self.server.save("price.writ", price_policy("tea"))
        told = self.server.wait_for_log(r"(?s)error\[W\d+\].*price\.writ:3:.*refused; release 1 stays\n")
        self.assertEqual(self.price(), 450)
        self.server.save("price.writ", price_policy(9))
        self.server.wait_for_log("release 2 runs\n", told.end())
        self.assertEqual(self.price(), 9)

    def test_other_files_do_not_count(self):
        self.server.save("notes.txt", "not a policy")
        self.server.save(".price.writ.swp", "not a policy")
        self.server.save("price.writ", price_policy(10))
        self.server.wait_for_release(2)
        self.assertNotIn("refused", self.server.log)

    def test_going_back_holds_until_the_next_save(self):
        self.server.save("price.writ", price_policy(11))
        self.server.wait_for_release(2)
        self.assertEqual(self.server.ask("/rollback", "POST"), {"release": 1})
        self.assertEqual(self.price(), 450)
        self.server.save("shop.toml", "[limit]\nmost = 12\n")
        self.server.wait_for_release(3)
        self.assertEqual((self.price(), self.limit()), (11, 12))

    def test_a_policy_that_fails_is_told_and_its_slot_still_answers(self):
        self.server.save("price.writ", price_policy("1 / (order.quantity - 3)"))
        self.server.wait_for_release(2)
        self.assertEqual(self.server.ask("/price?item=tea&quantity=3"),
                         {"trap": "division_by_zero", "at": "price.writ:3", "release": 2})
        self.assertEqual(self.server.ask("/quote?item=tea&quantity=3")["price"], 3 * 450)
        self.server.wait_for_log(r"price\.writ:3: division_by_zero in slot price\n")

    def test_a_signal_ends_it_although_a_client_is_connected(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            with RunningServer(SERVER) as server:
                with contextlib.closing(server.connect()) as idle:
                    idle.request("GET", "/release")
                    idle.getresponse().read()
                    server.process.send_signal(number)
                    self.assertEqual(server.process.wait(), 0)


class Start(unittest.TestCase):
    def run_server(self, *arguments, **rest):
        return subprocess.run([SERVER, *arguments], text=True, capture_output=True, check=False, **rest)

    def options(self, policies=EXAMPLE / "policies"):
        return ["--schema", EXAMPLE / "shop.writ", "--policies", policies]

    def test_help_is_an_answer(self):
        told = self.run_server("--help")
        self.assertEqual((told.returncode, told.stderr), (0, ""))
        self.assertIn("--policies", told.stdout)

    def test_wrong_usage_is_status_2(self):
        self.assertEqual(self.run_server().returncode, 2)
        self.assertEqual(self.run_server(*self.options(), "--port", "70000").returncode, 2)

    def test_a_wrong_folder_does_not_start(self):
        with RunningServer(SERVER) as server:
            (server.policies / "price.writ").write_text(price_policy("tea"))
            told = self.run_server(*self.options(server.policies))
        self.assertEqual(told.returncode, 1)
        self.assertIn("price.writ:3:", told.stderr)
        self.assertNotIn("listening", told.stderr)
        missing = self.run_server(*self.options("/nowhere"))
        self.assertEqual((missing.returncode, missing.stderr),
                         (1, "example_server: /nowhere: No such file or directory\n"))

    def test_a_taken_port_does_not_start(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            told = self.run_server(*self.options(), "--port", str(port))
        self.assertEqual(told.returncode, 1)
        self.assertIn(f"port {port} is taken", told.stderr)


def main():
    global SERVER
    SERVER = str(pathlib.Path(sys.argv[1]).resolve())
    suite = unittest.defaultTestLoader.loadTestsFromModule(sys.modules[__name__])
    told = io.StringIO()
    with contextlib.redirect_stderr(told):
        result = unittest.TextTestRunner(stream=told).run(suite)
    failed = len(result.failures) + len(result.errors)
    if failed:
        print(told.getvalue())
    print(f"{result.testsRun - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
