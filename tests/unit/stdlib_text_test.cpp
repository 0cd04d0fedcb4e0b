// Addresses, networks, times, numbers and shares as text: what is read, what is refused, what is written.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "stdlib/convert.h"
#include "stdlib/net.h"
#include "stdlib/regex.h"
#include "stdlib/search.h"
#include "stdlib/share.h"
#include "stdlib/time.h"
#include "stdlib/words.h"
#include "stdlib/zone.h"

namespace writ::stdlib {
namespace {

constexpr std::int64_t kLowest = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kHighest = std::numeric_limits<std::int64_t>::max();

std::string ip_again(std::string_view text) {
  const auto ip = parse_ip(text);
  return ip ? format_ip(*ip) : "refused";
}
std::string cidr_again(std::string_view text) {
  const auto cidr = parse_cidr(text);
  return cidr ? format_cidr(*cidr) : "refused";
}
std::string duration_again(std::string_view text) {
  const auto duration = parse_duration(text);
  return duration ? format_duration(*duration) : "refused";
}
std::string timestamp_again(std::string_view text) {
  const auto timestamp = parse_timestamp(text);
  return timestamp ? format_timestamp(*timestamp) : "refused";
}

TEST(Ip, ReadsAndWritesCanonically) {
  EXPECT_EQ(ip_again("10.0.0.1"), "10.0.0.1");
  EXPECT_EQ(ip_again("::ffff:10.0.0.1"), "10.0.0.1");
  EXPECT_EQ(ip_again("::FFFF:a00:1"), "10.0.0.1");
  EXPECT_EQ(ip_again("::"), "::");
  EXPECT_EQ(ip_again("::1"), "::1");
  EXPECT_EQ(ip_again("1::"), "1::");
  EXPECT_EQ(ip_again("2001:DB8:0:0:1:0:0:1"), "2001:db8::1:0:0:1");
  EXPECT_EQ(ip_again("2001:db8:0:1:1:1:1:1"), "2001:db8:0:1:1:1:1:1");
  EXPECT_EQ(ip_again("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"), "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
}

TEST(Ip, RefusesEverythingElse) {
  for (const std::string_view text : {"", "10.0.0", "10.0.0.256", "010.0.0.1", "10.0.0.1 ", "fe80::1%eth0", "1::2::3",
                                      ":::", "10.0.0.1/8", "0x0a.0.0.1", "167772161"}) {
    EXPECT_EQ(ip_again(text), "refused") << text;
  }
  EXPECT_EQ(ip_again(std::string_view("10.0.0.1\0", 9)), "refused");
  EXPECT_EQ(ip_again(std::string_view("10.0.0.1\0x", 10)), "refused");
}

TEST(Cidr, ReadsAndWritesCanonically) {
  EXPECT_EQ(cidr_again("10.0.0.0/8"), "10.0.0.0/8");
  EXPECT_EQ(cidr_again("0.0.0.0/0"), "0.0.0.0/0");
  EXPECT_EQ(cidr_again("::/0"), "::/0");
  EXPECT_EQ(cidr_again("::ffff:10.0.0.0/104"), "10.0.0.0/8");
  EXPECT_EQ(cidr_again("2001:db8::/32"), "2001:db8::/32");
  EXPECT_EQ(cidr_again("::1/128"), "::1/128");
  EXPECT_EQ(parse_cidr("10.0.0.0/8")->prefix, 104);
}

TEST(Cidr, RefusesHostBitsAndBadPrefixes) {
  for (const std::string_view text :
       {"10.0.0.1/8", "10.0.0.0/33", "10.0.0.0/08", "10.0.0.0/", "10.0.0.0", "/8", "::1/127", "::/129", "10.0.0.0/-1",
        "10.0.0.0/+8", "10.0.0.0/8/8", "2001:db9::/31", "::ffff:0:0/90"}) {
    EXPECT_EQ(cidr_again(text), "refused") << text;
  }
  EXPECT_EQ(format_cidr(*parse_cidr("10.1.2.3/8", HostBits::kClear)), "10.0.0.0/8");
}

TEST(Duration, ReadsAndWritesLiterals) {
  EXPECT_EQ(duration_again("2h30m"), "2h30m");
  EXPECT_EQ(duration_again("90s"), "1m30s");
  EXPECT_EQ(duration_again("60d"), "60d");
  EXPECT_EQ(duration_again("1.5s"), "1s500ms");
  EXPECT_EQ(duration_again("0.000001ms"), "1ns");
  EXPECT_EQ(duration_again("0s"), "0s");
  EXPECT_EQ(duration_again("-1h"), "-1h");
  EXPECT_EQ(parse_duration(format_duration(kLowest)), kLowest);
  EXPECT_EQ(parse_duration(format_duration(kHighest)), kHighest);
}

TEST(Duration, RefusesEverythingElse) {
  for (const std::string_view text :
       {"", "-", "1", "s", "1x", "1 s", "30m2h", "1s1s", "--1s", "1.s", ".5s", "0.5ns", "1.2.3s", "106752d",
        "9223372036854775808ns", "99999999999999999999999999999999999999999d", "1s\n"}) {
    EXPECT_EQ(duration_again(text), "refused") << text;
  }
}

TEST(Timestamp, ReadsAndWritesRfc3339) {
  EXPECT_EQ(parse_timestamp("1970-01-01T00:00:00Z"), 0);
  EXPECT_EQ(timestamp_again("2015-05-17T10:05:03+02:00"), "2015-05-17T08:05:03Z");
  EXPECT_EQ(timestamp_again("2016-02-29T23:59:59.120-00:30"), "2016-03-01T00:29:59.12Z");
  EXPECT_EQ(timestamp_again("1969-12-31T23:59:59.999999999Z"), "1969-12-31T23:59:59.999999999Z");
  EXPECT_EQ(format_timestamp(kLowest), "1677-09-21T00:12:43.145224192Z");
  EXPECT_EQ(format_timestamp(kHighest), "2262-04-11T23:47:16.854775807Z");
  EXPECT_EQ(parse_timestamp(format_timestamp(kLowest)), kLowest);
  EXPECT_EQ(parse_timestamp(format_timestamp(kHighest)), kHighest);
}

TEST(Timestamp, RefusesWhatIsNoMoment) {
  for (const std::string_view text : {"",
                                      "2015-05-17",
                                      "2015-05-17T10:05:03",
                                      "2015-05-17 10:05:03Z",
                                      "2015-05-17t10:05:03z",
                                      "2015-02-29T00:00:00Z",
                                      "2015-13-01T00:00:00Z",
                                      "2015-00-01T00:00:00Z",
                                      "2015-01-00T00:00:00Z",
                                      "2015-01-01T24:00:00Z",
                                      "2016-12-31T23:59:60Z",
                                      "2015-01-01T00:60:00Z",
                                      "2015-01-01T00:00:00.Z",
                                      "2015-01-01T00:00:00.1234567890Z",
                                      "2015-01-01T00:00:00+24:00",
                                      "2015-01-01T00:00:00+0100",
                                      "2015-01-01T00:00:00ZZ",
                                      "0001-01-01T00:00:00Z",
                                      "9999-12-31T23:59:59Z",
                                      "2262-04-11T23:47:16.854775808Z",
                                      "15-01-01T00:00:00Z"}) {
    EXPECT_EQ(timestamp_again(text), "refused") << text;
  }
}

TEST(Numbers, ReadStrictly) {
  EXPECT_EQ(parse_int("-9223372036854775808"), kLowest);
  for (const std::string_view text : {"", "+1", " 1", "1 ", "0x1", "1.0", "9223372036854775808", "-"}) {
    EXPECT_EQ(parse_int(text), std::nullopt) << text;
  }
  EXPECT_EQ(parse_uint("18446744073709551615"), std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(parse_uint("-1"), std::nullopt);
  EXPECT_EQ(parse_double("1e3"), 1000.0);
  EXPECT_TRUE(std::isnan(*parse_double("NaN")));
  for (const std::string_view text :
       {"", "1e400", "nan", "inf(1)", "infinity", "0x1p3", "1_000", "+", "e5", "1e", "--1"}) {
    EXPECT_EQ(parse_double(text), std::nullopt) << text;
  }
  EXPECT_EQ(format_double(0.1), "0.1");
  EXPECT_EQ(format_double(100000), "100000");
  EXPECT_EQ(format_double(-std::numeric_limits<double>::quiet_NaN()), "NaN");
}

std::string hex_digest(std::string_view text) {
  std::string out;
  for (const std::uint8_t byte : Sha256().update(text).finish()) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    out += {kDigits[byte >> 4], kDigits[byte & 15]};
  }
  return out;
}

TEST(Sha256, GivesTheDigestsOfFips180) {
  EXPECT_EQ(hex_digest(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(hex_digest("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hex_digest("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(hex_digest(std::string(1'000'000, 'a')),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Bucket, IsFrozen) {
  EXPECT_EQ(bucket("", ""), 3192);
  EXPECT_EQ(bucket("ttl-2026", "198.51.100.7"), 4994);
  EXPECT_EQ(bucket("long-caching-2026", "2001:db8::1"), 7269);
}

TEST(Search, FindsLongNeedles) {
  for (std::size_t size = 30; size < 40; ++size) {
    const std::string needle = std::string(size, 'a') + "b" + std::string(size / 3, 'a');
    const std::string text = std::string(100, 'a') + needle + "b" + needle + std::string(7, 'a');
    EXPECT_EQ(find_first(text, needle).value_or(std::string::npos), text.find(needle));
    EXPECT_EQ(find_last(text, needle).value_or(std::string::npos), text.rfind(needle));
    EXPECT_EQ(find_first(text, needle + "c"), std::nullopt);
  }
}

// Every text over two letters up to this size, every needle: the quick searches against the plain definition.
TEST(Search, FindsWhatThePlainSearchFinds) {
  constexpr std::size_t kTextBits = 9;
  constexpr std::size_t kNeedleBits = 5;
  const auto word = [](std::size_t size, std::size_t bits) {
    std::string out;
    for (std::size_t i = 0; i < size; ++i) out += (bits >> i & 1) != 0 ? 'b' : 'a';
    return out;
  };
  for (std::size_t size = 0; size <= kNeedleBits; ++size) {
    for (std::size_t bits = 0; bits < (std::size_t{1} << size); ++bits) {
      const std::string needle = word(size, bits);
      for (std::size_t text_bits = 0; text_bits < (std::size_t{1} << kTextBits); ++text_bits) {
        const std::string text = word(kTextBits, text_bits);
        const auto first = find_first(text, needle);
        const auto last = find_last(text, needle);
        ASSERT_EQ(first.value_or(std::string::npos), text.find(needle)) << text << ' ' << needle;
        ASSERT_EQ(last.value_or(std::string::npos), text.rfind(needle)) << text << ' ' << needle;
      }
    }
  }
}

std::int64_t offset(std::string_view zone, std::string_view moment) {
  const auto found = Zone::find(zone);
  return found ? found->offset_at(*parse_timestamp(moment) / 1'000'000'000) : -1;
}

// The second before a change, and the change.
TEST(Zone, ChangesToTheSecond) {
  EXPECT_EQ(offset("Europe/Berlin", "2026-03-29T00:59:59Z"), 3600);
  EXPECT_EQ(offset("Europe/Berlin", "2026-03-29T01:00:00Z"), 7200);
  EXPECT_EQ(offset("Europe/Berlin", "2026-10-25T00:59:59Z"), 7200);
  EXPECT_EQ(offset("Europe/Berlin", "2026-10-25T01:00:00Z"), 3600);
  EXPECT_EQ(offset("America/New_York", "1883-11-18T16:59:59Z"), -17762);
  EXPECT_EQ(offset("America/New_York", "1883-11-18T17:00:00Z"), -18000);
  EXPECT_EQ(offset("Africa/Casablanca", "2087-05-11T01:59:59Z"), 0);
  EXPECT_EQ(offset("Africa/Casablanca", "2087-05-11T02:00:00Z"), 3600);
}

// Behind the last change that the data list.
TEST(Zone, KeepsItsRuleForEver) {
  EXPECT_EQ(offset("America/New_York", "2261-03-10T06:59:59Z"), -18000);
  EXPECT_EQ(offset("America/New_York", "2261-03-10T07:00:00Z"), -14400);
  EXPECT_EQ(offset("Australia/Sydney", "2261-01-01T00:00:00Z"), 39600);  // summer holds over the year's end
  EXPECT_EQ(offset("Australia/Sydney", "2261-07-01T00:00:00Z"), 36000);
  EXPECT_EQ(offset("Europe/Dublin", "2261-01-01T00:00:00Z"), 0);  // its standard time is that of the summer
  EXPECT_EQ(offset("Europe/Dublin", "2261-07-01T00:00:00Z"), 3600);
  EXPECT_EQ(offset("Asia/Jerusalem", "2027-03-25T23:59:59Z"), 7200);  // a rule's hour 26
  EXPECT_EQ(offset("Asia/Jerusalem", "2027-03-26T00:00:00Z"), 10800);
  EXPECT_EQ(offset("Asia/Kolkata", "2261-07-01T00:00:00Z"), 19800);
  EXPECT_EQ(offset("UTC", "2261-07-01T00:00:00Z"), 0);
}

TEST(Zone, ReadsOffsetsAndNamesAndNothingElse) {
  EXPECT_EQ(offset("+11:00", "2026-01-01T00:00:00Z"), 39600);
  EXPECT_EQ(offset("-02:30", "2026-01-01T00:00:00Z"), -9000);
  EXPECT_EQ(offset("02:00", "2026-01-01T00:00:00Z"), 7200);
  EXPECT_EQ(offset("US/Eastern", "2026-07-01T00:00:00Z"), -14400);
  for (const std::string_view text : {"", "Z", "europe/berlin", "Europe/Berlin ", "Factory", "+1:00", "+01:60",
                                      "+24:00", "01", "+01-00", "A", "zzz"}) {
    EXPECT_FALSE(Zone::find(text)) << text;
  }
}

// Texts of two letters, against looking for each word by itself.
TEST(WordFinder, FindsWhatLookingForEachFinds) {
  std::uint64_t random = 1;
  const auto text = [&](std::size_t bytes) {
    std::string out;
    for (std::size_t i = 0; i < bytes; ++i) {
      random = random * 6364136223846793005 + 1442695040888963407;
      out += (random >> 60) % 2 == 0 ? 'a' : '\xC3';
    }
    return out;
  };
  std::size_t found = 0;
  for (std::size_t round = 0; round < 2000; ++round) {
    std::vector<std::string> words;
    for (std::size_t i = 0; i < 1 + round % 5; ++i) words.push_back(text(3 + (round + i * 7) % 6));
    const std::string searched = text(round % 40);
    const bool expected = std::ranges::any_of(words, [&](const std::string& word) { return searched.contains(word); });
    EXPECT_EQ(WordFinder({words.begin(), words.end()}).is_any_in(searched), expected) << searched;
    found += expected ? 1 : 0;
  }
  EXPECT_GT(found, 200U);
  EXPECT_LT(found, 1800U);
  EXPECT_FALSE(WordFinder({}).is_any_in("a"));
  EXPECT_TRUE(WordFinder({""}).is_any_in(""));
}

// What backtracking takes years for, and what fills RE2's cache of states.
TEST(Regex, AnswersInTimeOnAnything) {
  const std::string text(100'000, 'a');
  EXPECT_FALSE(Regex::make("(a+)+$")->is_in(text + "b"));
  EXPECT_FALSE(Regex::make("(a|a)*b")->is_in(text));
  std::string mixed;
  for (std::uint64_t random = 1; mixed.size() < 4096; random = random * 6364136223846793005 + 1) {
    mixed += random >> 63 == 0 ? 'a' : 'b';
  }
  EXPECT_FALSE(Regex::make("(?:a|b)*a(?:a|b){30}c")->is_in(mixed));
  EXPECT_TRUE(Regex::make("a")->is_in("\377\376a\200"));
  EXPECT_FALSE(Regex::make("a.b")->is_in("a\377b"));  // no code point
}

}  // namespace
}  // namespace writ::stdlib
