"""The rules of site.writ, computed a second time in another language.

Reads the same config document, shares no code with Writ, and answers in the shape of `writ run`. Written from the
rules' meaning, so it says the same things in Python's own way: dates by datetime, networks by ipaddress.
"""
import datetime
import hashlib
import ipaddress
import re
import tomllib

HEADS = {"GET", "HEAD"}
ROBOT = re.compile(r"bot|crawl|spider|slurp|feed|wget|curl|java/")
OPEN_NAMES = {"", "index.html", "robots.txt", "favicon.ico"}
NANOSECONDS = {"d": 86_400 * 10**9, "h": 3_600 * 10**9, "m": 60 * 10**9, "s": 10**9, "ms": 10**6, "us": 10**3, "ns": 1}
LOWER = str.maketrans({chr(c): chr(c + 32) for c in range(ord("A"), ord("Z") + 1)})
UPPER = str.maketrans({chr(c + 32): chr(c) for c in range(ord("A"), ord("Z") + 1)})


def nanoseconds(literal):
    return sum(int(n) * NANOSECONDS[unit] for n, unit in re.findall(r"(\d+)(ms|us|ns|d|h|m|s)", literal))


def duration_literal(left):
    parts = []
    for unit, size in NANOSECONDS.items():
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"


def moment(text):
    """Nanoseconds since the epoch; the input has at most microseconds."""
    since = datetime.datetime.fromisoformat(text) - datetime.datetime.fromisoformat("1970-01-01T00:00:00Z")
    return (since.days * 86_400 + since.seconds) * 10**9 + since.microseconds * 1000


def toward_zero(a, b):
    return a // b if (a < 0) == (b < 0) else -(-a // b)


def bucket(salt, key):
    return int.from_bytes(hashlib.sha256(salt.encode() + b"\0" + key.encode()).digest()[:8], "big") % 10_000


def host_of(referrer):
    """None where the text is no link with a host."""
    rest = referrer.partition("://")[2]
    return re.match(r"[^/?:]*", rest).group().translate(LOWER) or None


class Link:
    def __init__(self, path):
        plain, _, self.query = path.partition("?")
        self.folders = plain.split("/")
        self.name = self.folders[-1]
        self.section = next((f for f in self.folders if f), "").translate(LOWER)
        stem, dot, ending = self.name.rpartition(".")
        self.ending = ending.translate(LOWER) if dot and stem else ""
        self.is_open = self.name in OPEN_NAMES


class Site:
    def __init__(self, config_file, overrides):
        with open(config_file, "rb") as document:
            values = tomllib.load(document)["site"] | overrides
        self.blocked = networks(values["blocked"])
        self.trusted = networks(values["trusted"])
        self.crawlers = {name: networks(where) for name, where in values["crawlers"].items()}
        self.own_hosts = set(values["own_hosts"])
        self.probes = values["probes"]
        self.section_keep = {k: nanoseconds(v) for k, v in values["section_keep"].items()}
        self.ending_keep = {k: nanoseconds(v) for k, v in values["ending_keep"].items()}
        self.plain_keep = nanoseconds(values["plain_keep"])
        self.heavy, self.share = values["heavy"], values["share"]
        self.opened = moment(values["opened"])
        self.penalties = values["penalties"]

    def answer(self, slot, request):
        """The members of the decision that stand after `line`."""
        result = getattr(self, slot)(request, Link(request["path"]))
        return {"answer": result[0], "reason": result[1]} if isinstance(result, tuple) else {"answer": result}

    def is_own_link(self, request):
        return request["referrer"] is not None and (host_of(request["referrer"]) or "") in self.own_hosts

    def admit(self, request, link):
        address = ipaddress.ip_address(request["ip"])
        agent, path = request["agent"].translate(LOWER), request["path"].translate(LOWER)
        reads, own, robot = request["method"] in HEADS, self.is_own_link(request), ROBOT.search(agent)
        if inside(address, self.blocked):
            return "deny", "blocked network"
        if inside(address, self.trusted):
            return "allow", "our own network"
        if any(word in path for word in self.probes):
            return "deny", "probe"
        if any(name in agent and not inside(address, where) for name, where in self.crawlers.items()):
            return "deny", "forged robot"
        if reads and link.is_open and not link.query:
            return "allow", "always open"
        if request["bytes"] >= self.heavy and not own:
            return "throttle", "heavy transfer"
        if robot and link.query:
            return "throttle", "robot on a search"
        if request["protocol"] == "HTTP/1.0" and request["referrer"] in (None, "-"):
            return "throttle", "old protocol"
        if request["status"] == 404 and not own:
            return "throttle", "lost"
        if own and request["status"] < 500:
            return "allow", "own link"
        if reads and not any(len(f) > 40 or f[:1] == "." for f in link.folders):
            return "allow", "plain reading"
        return "deny", "no rule matched"

    def keep(self, request, link):
        status = request["status"]
        if status >= 500 or request["method"] not in HEADS:
            return "0s"
        if status >= 400:
            return "30s" if status == 404 else "5s"
        ttl = max(self.section_keep.get(link.section, self.plain_keep), self.ending_keep.get(link.ending, 0))
        for word in filter(None, link.query.split("&")):
            ttl = ttl // 2 if word[:5] == "flav=" else ttl - ttl // 4
            if ttl < 10 * 10**9:
                break
        if bucket("keep-2026", str(ipaddress.ip_address(request["ip"]))) < self.share:
            ttl *= 3
        if (request["referrer"] or "")[-1:] == "/":
            ttl += 500 * 10**6
        return duration_literal(min(ttl, nanoseconds("20h")))

    def score(self, request, link):
        agent = request["agent"].translate(LOWER)
        points = sum(p["points"] * agent.count(p["word"]) for p in self.penalties
                     if p.get("unless_section") != link.section)
        points += 7 if len(link.folders) > 6 else 0
        points -= 5 if self.is_own_link(request) else 0
        points += len(str(request["bytes"])) - 1
        age = moment(request["time"]) - self.opened
        hours = toward_zero(age, NANOSECONDS["h"])
        points += hours - 7 * toward_zero(hours, 7) if hours < 1_000 else -3
        return -points if age < 0 else points * 2 - request["status"] % 13

    def label(self, request, link):
        text = f"{link.section}/{link.ending or ('page' if link.is_open else 'folder')}"
        if request["referrer"] is not None:
            host = host_of(request["referrer"])
            text += f" from {host or 'nowhere'}"
            if host and host not in self.own_hosts:
                text = text.translate(UPPER)
        robot = "robot " if ROBOT.search(request["agent"].translate(LOWER)) else ""
        return f"{request['status'] // 100}xx {robot}{text}"


def networks(texts):
    return [ipaddress.ip_network(text) for text in texts]


def inside(address, where):
    return any(address in network for network in where)
