"""The example server as its tests run it: on a folder of its own, with a free port that it chose."""
import http.client
import json
import re
import subprocess
import tempfile
import threading
from pathlib import Path

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "server"
LONGEST_ANSWER = 60  # seconds
# On a disk that others write to, a rename can take seconds.
IN_MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None


class RunningServer:
    """`with RunningServer(program) as server:`; `server.policies` is a folder of `files`, or a copy of the example's."""

    def __init__(self, program, files=None):
        self.program = program
        self.files = files or {path.name: path.read_text() for path in (EXAMPLE / "policies").iterdir()}

    def __enter__(self):
        self.home = tempfile.TemporaryDirectory(dir=IN_MEMORY)
        self.policies = Path(self.home.name) / "policies"
        self.policies.mkdir()
        for name, text in self.files.items():
            (self.policies / name).write_text(text)
        self.process = subprocess.Popen([self.program, "--schema", EXAMPLE / "shop.writ", "--policies", self.policies],
                                        stderr=subprocess.PIPE, text=True)
        self.log = ""
        self.log_has_grown = threading.Condition()
        self.reader = threading.Thread(target=self.read_log)
        self.reader.start()
        self.port = int(self.wait_for_log(r"listening on http://127\.0\.0\.1:(\d+)\n")[1])
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.reader.join()
        self.process.stderr.close()
        self.home.cleanup()

    def read_log(self):
        for line in self.process.stderr:
            with self.log_has_grown:
                self.log += line
                self.log_has_grown.notify_all()

    def wait_for_log(self, pattern, after=0):
        """The first match behind the log's first `after` characters."""
        with self.log_has_grown:
            found = self.log_has_grown.wait_for(lambda: re.compile(pattern).search(self.log, after), LONGEST_ANSWER)
            if not found:
                raise AssertionError(f"the log never says {pattern}:\n{self.log}")
            return found

    def connect(self):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=LONGEST_ANSWER)

    def ask(self, path, method="GET"):
        connection = self.connect()
        connection.request(method, path, body="" if method == "POST" else None)
        answer = connection.getresponse().read()
        connection.close()
        return json.loads(answer)

    def wait_for_release(self, number):
        for _ in range(LONGEST_ANSWER // 5):  # the server waits 5 s
            if self.ask(f"/release?after={number - 1}")["release"] >= number:
                return
        raise AssertionError(f"release {number} does not come:\n{self.log}")

    def save(self, name, text):
        """As editors do: beside it, then renamed over it."""
        beside = self.policies / (name + "~")
        beside.write_text(text)
        beside.rename(self.policies / name)
