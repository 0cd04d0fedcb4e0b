#!/usr/bin/env python3
"""Records the sample requests: starts nginx on 127.0.0.1, visits it, writes down what it logged.

    record.py --shape gateway --requests 800 > examples/gateway/requests.jsonl
    record.py --shape log     --requests 400 > tests/requests/sample.jsonl

The visits are a fixed list drawn from one seed, so two recordings differ in their times only. Addresses come from
the ranges kept for documentation: the visitor says so in X-Forwarded-For and the server believes loopback. Nothing
leaves the machine; the server and its folder are gone when the script ends. Needs Debian's nginx-light.
"""
import argparse
import base64
import contextlib
import datetime
import json
import pathlib
import random
import socket
import subprocess
import sys
import tempfile
import time

SEED = 2026
REQUESTS_MAX = 5_000
ANSWER_SECONDS = 5
START_SECONDS = 10

# The site: file -> bytes of text in it.
PAGES = {
    "index.html": 5210, "login.html": 1100, "robots.txt": 120, "favicon.ico": 3638,
    "style2.css": 4877, "reset.css": 1015,
    "images/banner.png": 52315, "images/jordan-80.png": 6146, "images/Logo.PNG": 2048,
    "blog/index.html": 7402, "blog/index.rss": 14872, "blog/release-notes.html": 9120,
    "blog/bots-and-us.html": 6023, "blog/tags/ipv6/index.html": 3910, "blog/tags/puppet/index.html": 4411,
    "projects/index.html": 3105, "projects/xdotool/index.html": 12292, "projects/keynav/index.html": 8044,
    "presentations/logs-2026/index.html": 20310, "presentations/logs-2026/slides.js": 26185,
    "drafts/index.html": 1204, "drafts/plans.html": 2207, "preview/index.html": 3300, "admin/index.html": 900,
    "downloads/tool-1.2.tar.gz": 1 << 20,
}
ASSETS = ["/style2.css", "/reset.css", "/favicon.ico",
          "/images/banner.png", "/images/jordan-80.png", "/images/Logo.PNG"]
ARTICLES = ["/", "/blog/", "/blog/release-notes.html", "/blog/bots-and-us.html", "/projects/", "/projects/xdotool/",
            "/projects/keynav/", "/presentations/logs-2026/", "/blog/tags/ipv6/", "/blog/tags/puppet/?flav=rss20",
            "/projects/xdotool?from=list", "/blog/tags/puppet"]
PROBES = ["/wp-login.php", "/.env", "/cgi-bin/test.cgi", "/phpMyAdmin/index.php", "/admin/", "/images/",
          "/internal/state"]

# Who has an account: name -> role, groups. The password is the name again.
ACCOUNTS = {"ann": ("member", ["beta"]), "ben": ("member", []), "cleo": ("member", ["beta", "press"]),
            "ops": ("guest", ["staff"]), "root": ("admin", ["staff"])}

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148"
CRAWLER = "Mozilla/5.0 (compatible; ExampleBot/2.1; +http://www.example.org/bot.html)"
GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
FEEDS = "UniversalFeedParser/4.2 +http://feedparser.example/"

NGINX_CONF = """
daemon off; master_process off; pid {home}/nginx.pid; error_log {home}/error.log;
events {{ worker_connections 64; }}
http {{
  log_format record escape=json '{{"time":"$msec","ip":"$remote_addr","method":"$request_method","path":"$request_uri",'
    '"protocol":"$server_protocol","status":$status,"bytes":$body_bytes_sent,"name":"$remote_user","headers":{{'
    '"user-agent":"$http_user_agent","referer":"$http_referer","accept-language":"$http_accept_language",'
    '"x-requested-with":"$http_x_requested_with"}}}}';
  access_log {home}/access.log record;
  types {{ text/html html; text/css css; image/png png; }}
  client_body_temp_path {home}/body; proxy_temp_path {home}/proxy; fastcgi_temp_path {home}/fastcgi;
  uwsgi_temp_path {home}/uwsgi; scgi_temp_path {home}/scgi;
  server {{
    listen 127.0.0.1:{port};
    root {home}/site;
    absolute_redirect off;
    set_real_ip_from 127.0.0.0/8;
    real_ip_header X-Forwarded-For;
    location /drafts/  {{ auth_basic "members"; auth_basic_user_file {home}/accounts; }}
    location /admin/   {{ auth_basic "staff";   auth_basic_user_file {home}/accounts; }}
    location /internal {{ deny all; }}
    location = /login  {{ return 302 /; }}
    location = /api/comments {{ return 201 "thank you\\n"; }}
    location = /api/report   {{ return 500 "the report is broken\\n"; }}
  }}
}}
"""


def visits(rng):
    """Yields requests for ever, visitor after visitor: dicts that `send` understands."""
    while True:
        kind = rng.choices([reader, member, robot, feed_reader, scanner, office], [40, 18, 14, 8, 12, 8])[0]
        yield from kind(rng)


def reader(rng):
    who = {"ip": rng.choice([f"198.51.100.{rng.randrange(1, 200)}",
                             f"2001:db8:{rng.randrange(1, 40):x}::{rng.randrange(1, 99):x}"]),
           "agent": rng.choice([FIREFOX, CHROME, PHONE]), "language": rng.choice(["en", "de", "fr-CA", ""])}
    page = rng.choice(ARTICLES)
    yield who | {"path": page, "referrer": rng.choice(["", "http://www.example.org/", "http://search.example/?q=logs"])}
    for asset in rng.sample(ASSETS, rng.randrange(1, 5)):
        yield who | {"path": asset, "referrer": f"http://www.example.org{page}", "known": rng.random() < 0.3}
    match rng.randrange(9):
        case 0:
            yield who | {"path": "/preview/"}
        case 1:
            yield who | {"path": "/drafts/plans.html", "referrer": "http://www.example.org/blog/"}
        case 2:
            yield who | {"path": f"/blog/old-{rng.randrange(90)}.html", "referrer": "http://search.example/?q=old"}
        case 3:
            yield who | {"method": "HEAD", "path": "/downloads/tool-1.2.tar.gz", "agent": "curl/8.8.0"}
        case 4:
            yield who | {"path": "/downloads/tool-1.2.tar.gz"}
        case 5:
            yield who | {"method": "POST", "path": "/api/comments", "script": True}


def member(rng):
    name = rng.choice(["ann", "ben", "cleo"])
    who = {"ip": f"192.0.2.{100 + len(name) * 10 + ord(name[0]) % 8}", "agent": FIREFOX, "user": name, "language": "en"}
    yield who | {"path": "/login.html"}
    yield who | {"method": "POST", "path": "/login", "referrer": "http://www.example.org/login.html"}
    for page in rng.sample(["/drafts/", "/drafts/plans.html", "/preview/", "/blog/", "/style2.css", "/api/report"], 3):
        yield who | {"path": page, "referrer": "http://www.example.org/"}
    if rng.random() < 0.5:
        yield who | {"method": "POST", "path": "/api/comments", "script": True}


def robot(rng):
    who = rng.choice([{"ip": f"198.51.100.{200 + rng.randrange(20)}", "agent": CRAWLER, "version": "1.0"},
                      {"ip": f"192.0.2.{64 + rng.randrange(8)}", "agent": GOOGLEBOT},
                      {"ip": f"198.51.100.{rng.randrange(220, 240)}", "agent": GOOGLEBOT}])
    yield who | {"path": "/robots.txt"}
    for page in rng.sample(ARTICLES, 3):
        yield who | {"path": page}
    if rng.random() < 0.4:
        yield who | {"method": "POST", "path": "/login"}


def feed_reader(rng):
    who = {"ip": f"2001:db8:feed::{rng.randrange(1, 5):x}", "agent": FEEDS}
    for _ in range(rng.randrange(1, 4)):
        yield who | {"path": "/blog/index.rss", "known": rng.random() < 0.6}


def scanner(rng):
    who = {"ip": rng.choice([f"203.0.113.{rng.randrange(1, 30)}", f"2001:db8:bad::{rng.randrange(1, 9):x}",
                             f"198.51.100.{rng.randrange(240, 250)}"]),
           "agent": rng.choice(["", "python-requests/2.32", CHROME])}
    for path in rng.sample(PROBES, rng.randrange(1, 4)):
        yield who | {"path": path}
    yield who | rng.choice([{"method": "POST", "path": "/login"}, {"method": "DELETE", "path": "/blog/"}, {"path": "/"},
                            {"path": "/admin/", "user": "root", "password": "letmein"}])


def office(rng):
    who = {"ip": f"192.0.2.{rng.randrange(1, 16)}", "agent": "curl/8.8.0"}
    if rng.random() < 0.5:
        who |= {"user": rng.choice(["ops", "root"])}
    for path in rng.sample(["/", "/admin/", "/internal/state", "/api/report", "/robots.txt", "/preview/"], 2):
        yield who | {"path": path}


def send(port, request, tag_of):
    """Makes one request from a loopback address of its own and reads the whole answer."""
    lines = [f"{request.get('method', 'GET')} {request['path']} HTTP/{request.get('version', '1.1')}",
             "Host: www.example.org", "Connection: close", f"X-Forwarded-For: {request['ip']}", "Content-Length: 0"]
    optional = {"agent": "User-Agent", "referrer": "Referer", "language": "Accept-Language"}
    lines += [f"{header}: {request[key]}" for key, header in optional.items() if request.get(key)]
    if request.get("script"):
        lines.append("X-Requested-With: XMLHttpRequest")
    if request.get("known") and request["path"] in tag_of:
        lines.append(f"If-None-Match: {tag_of[request['path']]}")
    if name := request.get("user"):
        secret = base64.b64encode(f"{name}:{request.get('password', name)}".encode()).decode()
        lines.append(f"Authorization: Basic {secret}")
    source = f"127.0.0.{2 + sum(request['ip'].encode()) % 200}"
    with socket.create_connection(("127.0.0.1", port), ANSWER_SECONDS, source_address=(source, 0)) as connection:
        connection.sendall("\r\n".join([*lines, "", ""]).encode())
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    for line in answer.partition(b"\r\n\r\n")[0].decode().split("\r\n"):
        if line.startswith("ETag: "):
            tag_of[request["path"]] = line.removeprefix("ETag: ")


def lay_out(home, port):
    for name, size in PAGES.items():
        page = home / "site" / name
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_bytes((f"{name}\n".encode() * size)[:size])
    (home / "accounts").write_text("".join(f"{name}:{{PLAIN}}{name}\n" for name in ACCOUNTS))
    (home / "nginx.conf").write_text(NGINX_CONF.format(home=home, port=port))


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


@contextlib.contextmanager
def server(home, port):
    process = subprocess.Popen(["nginx", "-p", home, "-e", home / "error.log", "-c", home / "nginx.conf"])
    try:
        wait_until_it_listens(process, port)
        yield
    finally:
        process.terminate()
        process.wait(START_SECONDS)


def wait_until_it_listens(process, port):
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
    sys.exit("record: nginx did not start")


def as_gateway(entry):
    """A line of examples/gateway: what gateway.writ calls a Request."""
    line = {key: entry[key] for key in ("time", "method", "path", "ip", "status", "bytes")}
    if entry["name"] and entry["status"] != 401:
        role, groups = ACCOUNTS[entry["name"]]
        line["user"] = {"name": entry["name"], "role": role, "groups": groups}
    line["headers"] = {name: value for name, value in entry["headers"].items() if value}
    return line


def as_log(entry):
    """A line with the nine fields of a common access log."""
    line = {key: entry[key] for key in ("time", "ip", "method", "path", "protocol", "status", "bytes")}
    return line | {"referrer": entry["headers"]["referer"] or None, "agent": entry["headers"]["user-agent"] or "-"}


def record(count):
    """Entries of the server's own log, one a request, with the time in RFC 3339."""
    with tempfile.TemporaryDirectory(prefix="writ-record-") as folder:
        home, port, tag_of = pathlib.Path(folder), free_port(), {}
        lay_out(home, port)
        with server(home, port):
            for request, _ in zip(visits(random.Random(SEED)), range(count)):
                send(port, request, tag_of)
        for text in (home / "access.log").read_text().splitlines():
            entry = json.loads(text)
            moment = datetime.datetime.fromtimestamp(float(entry["time"]), datetime.timezone.utc)
            yield entry | {"time": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")}


def main():
    shapes = {"gateway": as_gateway, "log": as_log}
    options = argparse.ArgumentParser(description="records sample requests from a real web server on loopback")
    options.add_argument("--shape", choices=shapes, required=True)
    options.add_argument("--requests", type=int, default=800, help=f"how many, at most {REQUESTS_MAX}")
    chosen = options.parse_args()
    for entry in record(min(chosen.requests, REQUESTS_MAX)):
        print(json.dumps(shapes[chosen.shape](entry)))


if __name__ == "__main__":
    main()
