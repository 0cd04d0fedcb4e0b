#!/usr/bin/env python3
"""Writes stdlib/zones.inc, the time zones that Writ compiles in, from a folder of TZif files.

    scripts/zones.py /usr/share/zoneinfo > stdlib/zones.inc

Run by hand when Debian has a later tzdata; what a program means must not depend on the machine it
runs on. Only offsets are kept: a change of the name alone is no change. Changes that the rule
behind the last one repeats are left out, and every moment that a file tells is held against what
is written.
"""

import bisect
import calendar
import datetime
import re
import struct
import sys
from pathlib import Path

SKIPPED = {"Factory", "localtime", "posixrules"}
OFFSET_LIMIT = 512  # what a change's low bits can number
WIDTH = 120


def read_tzif(path):
    """Its changes as (second, offset), the offset before the first, and its rule's text."""
    data = path.read_bytes()
    if data[:4] != b"TZif":
        return None

    def counts(at):
        return struct.unpack(">6l", data[at + 20 : at + 44])

    isut, isstd, leap, times, types, chars = counts(0)
    at = 44 + times * 5 + types * 6 + chars + leap * 8 + isstd + isut
    isut, isstd, leap, times, types, chars = counts(at)
    at += 44
    moments = struct.unpack(f">{times}q", data[at : at + 8 * times])
    at += 8 * times
    kinds = data[at : at + times]
    at += times
    offsets = [struct.unpack(">l", data[at + 6 * i : at + 6 * i + 4])[0] for i in range(types)]
    at += 6 * types + chars + leap * 12 + isstd + isut
    changes = [(moment, offsets[kind]) for moment, kind in zip(moments, kinds)]
    return changes, offsets[0], data[at:].decode().strip()


def seconds(text):
    """`-3:30` in seconds."""
    sign = -1 if text.startswith("-") else 1
    parts = [int(part) for part in text.lstrip("+-").split(":")] + [0, 0]
    return sign * (parts[0] * 3600 + parts[1] * 60 + parts[2])


class Rule:
    """A POSIX rule (`EST5EDT,M3.2.0,M11.1.0`): two offsets, and when in a year each begins."""

    NAME = r"(?:<[^>]*>|[A-Za-z]+)"
    TIME = r"[+-]?[0-9:]+"
    SHAPE = re.compile(f"^{NAME}({TIME})(?:{NAME}({TIME})?,M([0-9.]+)(/{TIME})?,M([0-9.]+)(/{TIME})?)?$")

    def __init__(self, text):
        found = self.SHAPE.match(text)
        if not found:
            sys.exit(f"zones: cannot read the rule {text}")
        standard, summer, *days = found.groups()
        self.standard = -seconds(standard)
        self.summer = self.standard
        self.begin = self.end = (0, 0, 0, 0)
        if days[0]:
            self.summer = -seconds(summer) if summer else self.standard + 3600
            self.begin, self.end = self.day(days[0], days[1]), self.day(days[2], days[3])

    @staticmethod
    def day(text, time):
        month, week, weekday = (int(part) for part in text.split("."))
        return month, week, weekday, seconds(time[1:]) if time else 7200

    @property
    def row(self):
        return self.standard, self.summer, self.begin, self.end

    @staticmethod
    def moment(year, day):
        """The local second at which a change of this year happens."""
        month, week, weekday, second = day
        first = (calendar.weekday(year, month, 1) + 1) % 7  # Sunday is 0
        date = 1 + (weekday - first) % 7 + 7 * (week - 1)
        while date > calendar.monthrange(year, month)[1]:
            date -= 7
        return calendar.timegm((year, month, date, 0, 0, 0)) + second

    def offset(self, second):
        if self.summer == self.standard:
            return self.standard
        year = (datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=second + self.standard)).year
        begin = self.moment(year, self.begin) - self.standard
        end = self.moment(year, self.end) - self.summer
        summer = begin <= second < end if begin < end else not end <= second < begin
        return self.summer if summer else self.standard


    def tells(self, held, change):
        """Whether it alone gives the offset from one change up to the next, and at the next."""
        (since, offset), (until, after) = held, change
        if self.summer == self.standard or until - since > 366 * 86400:
            return False
        year = (datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=since)).year
        moments = [since, until - 1]
        for near in (year - 1, year, year + 1, year + 2):
            moments += [self.moment(near, self.begin) - self.standard, self.moment(near, self.end) - self.summer]
        inside = [moment for moment in moments if since <= moment < until]
        return all(self.offset(moment) == offset for moment in inside) and self.offset(until) == after


class Zone:
    def __init__(self, changes, before, rule_text):
        self.before = before
        self.rule = Rule(rule_text)
        kept = []
        for second, offset in changes:
            if offset != (kept[-1][1] if kept else before):
                kept.append((second, offset))
        while len(kept) > 1 and self.rule.tells(*kept[-2:]):
            kept.pop()
        self.changes = kept

    def offset(self, second):
        at = bisect.bisect_right([change[0] for change in self.changes], second)
        if at == len(self.changes):
            return self.rule.offset(second)
        return self.changes[at - 1][1] if at else self.before

    @property
    def key(self):
        return tuple(self.changes), self.before, self.rule.row


def hold_against(name, zone, changes):
    for second, offset in changes:
        if zone.offset(second) != offset:
            sys.exit(f"zones: {name} at {second}: {zone.offset(second)}, not {offset}")


def table(values):
    line = ""
    for value in values:
        if len(line) + len(value) + 3 > WIDTH:
            print(line)
            line = ""
        line += (" " if line else "    ") + value + ","
    print(line)


def main():
    root = Path(sys.argv[1])
    version = (root / "tzdata.zi").read_text().splitlines()[0].split()[-1]
    zones, names = {}, []
    for path in sorted(root.rglob("*")):
        name = str(path.relative_to(root))
        if not path.is_file() or name in SKIPPED or name.startswith(("posix/", "right/")):
            continue
        read = read_tzif(path)
        if read is None:
            continue
        zone = Zone(*read)
        hold_against(name, zone, read[0])
        names.append((name, zones.setdefault(zone.key, (len(zones), zone))[0]))
    distinct = [zone for _, zone in zones.values()]
    offsets = sorted({zone.before for zone in distinct} | {o for zone in distinct for _, o in zone.changes})
    rules = sorted({zone.rule.row for zone in distinct})
    if len(offsets) > OFFSET_LIMIT:
        sys.exit(f"zones: {len(offsets)} offsets")

    print(f"// Made by scripts/zones.py of tzdata {version}, which is in the public domain. Read by zone.cpp alone.")
    print("// clang-format off")
    print(f'constexpr std::string_view kVersion = "{version}";')
    print("constexpr std::int32_t kOffsets[] = {")
    table(str(offset) for offset in offsets)
    print("};\nconstexpr Rule kRules[] = {")
    for standard, summer, begin, end in rules:
        days = ", ".join("{" + ", ".join(map(str, day)) + "}" for day in (begin, end))
        print(f"    {{{standard}, {summer}, {days}}},")
    print("};\n// second * 512 + number of the offset from then on.\nconstexpr std::int64_t kChanges[] = {")
    table(str(s * OFFSET_LIMIT + offsets.index(o)) for zone in distinct for s, o in zone.changes)
    print("};\n// First change, number of them, number of the offset before, rule.\nconstexpr Row kRows[] = {")
    first, rows = 0, []
    for zone in distinct:
        rows.append(f"{{{first},{len(zone.changes)},{offsets.index(zone.before)},{rules.index(zone.rule.row)}}}")
        first += len(zone.changes)
    table(rows)
    print("};\nconstexpr Name kNames[] = {")
    table(f'{{"{name}",{number}}}' for name, number in sorted(names))
    print("};\n// clang-format on")


main()
