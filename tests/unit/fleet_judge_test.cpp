// A node's judgement of a release whose signatures hold: each refusal has a code of its own.

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <optional>

#include "fleet/schema_hash.h"
#include "support/limits.h"
#include "tests/unit/fleet_fixture.h"

namespace writ::fleet {
namespace {

using support::Code;
namespace limits = support::limits;

/// The code of the refusal; nothing when the release is taken, or here already.
std::optional<Code> refusal_of(const Statement& statement, const Expectation& here) {
  const auto judgement = judge(release_of(statement), here);
  return judgement ? std::nullopt : std::optional(judgement.error().code);
}

Statement statement_at(std::uint64_t sequence, const Hash& previous) {
  Statement statement = some_statement();
  statement.sequence = sequence;
  statement.previous = previous;
  return statement;
}

/// Of a node that accepted `release`.
Expectation after(const SignedRelease& release) {
  Expectation here = some_expectation();
  here.sequence = release.statement().sequence;
  here.hash = release.hash();
  return here;
}

TEST(Judge, TakesTheFirstReleaseAndTheNext) {
  const SignedRelease first = release_of(some_statement());
  EXPECT_EQ(judge(first, some_expectation()), Judgement::kAccept);
  EXPECT_EQ(judge(release_of(statement_at(2, first.hash())), after(first)), Judgement::kAccept);
}

TEST(Judge, TakesOneFurtherAheadWhoseForerunnersItMissed) {
  EXPECT_EQ(refusal_of(statement_at(9, hash_of("the eighth")), after(release_of(some_statement()))), std::nullopt);
  EXPECT_EQ(refusal_of(statement_at(9, hash_of("the eighth")), some_expectation()), std::nullopt);
}

TEST(Judge, KnowsTheReleaseThatRuns) {
  const SignedRelease first = release_of(some_statement());
  Expectation here = after(first);
  EXPECT_EQ(judge(first, here), Judgement::kAlreadyRunning);
  here.now = first.statement().expires + 1;  // it was accepted in time
  EXPECT_EQ(judge(first, here), Judgement::kAlreadyRunning);
}

TEST(Judge, KnowsItAlsoWhenAnotherKeySignsIt) {
  const SecretKey one = SecretKey::generate();
  const SecretKey two = SecretKey::generate();
  const TrustedKeys trusted = trusting({&one, &two});
  const auto first = SignedRelease::verify(signed_file({&one}), trusted);
  const auto again = SignedRelease::verify(signed_file({&one, &two}), trusted);
  EXPECT_EQ(judge(*again, after(*first)), Judgement::kAlreadyRunning);
}

TEST(Judge, OfAnotherAddress) {
  Expectation here = some_expectation();
  here.tenant = "other";
  EXPECT_EQ(refusal_of(some_statement(), here), Code::kReleaseOtherTenant);
  here = some_expectation();
  here.channel = "other";
  EXPECT_EQ(refusal_of(some_statement(), here), Code::kReleaseOtherChannel);
  here = some_expectation();
  here.schema = hash_of("other");
  EXPECT_EQ(refusal_of(some_statement(), here), Code::kReleaseOtherSchema);
}

TEST(Judge, OfAnEarlierEngine) {
  Statement statement = some_statement();
  statement.minimum_engine = "0.10.0";
  Expectation here = some_expectation();
  here.engine_version = "0.9.9";
  EXPECT_EQ(refusal_of(statement, here), Code::kReleaseEngineTooOld);
  here.engine_version = "0.10.0";
  EXPECT_EQ(refusal_of(statement, here), std::nullopt);
  here.engine_version = "1.0.0";
  EXPECT_EQ(refusal_of(statement, here), std::nullopt);
}

TEST(Judge, OfAReplayAndOfWhatIsMerelyOlder) {
  const SignedRelease first = release_of(some_statement());
  const SignedRelease second = release_of(statement_at(2, first.hash()));
  Expectation here = after(second);
  EXPECT_EQ(judge(first, here).error().code, Code::kReleaseOlder);
  here.earlier = {first.hash()};
  EXPECT_EQ(judge(first, here).error().code, Code::kReleaseReplayed);
}

TEST(Judge, OfTwoWithOneSequence) {
  Statement twin = some_statement();
  twin.note = "not the first";
  EXPECT_EQ(refusal_of(twin, after(release_of(some_statement()))), Code::kReleaseEquivocation);
}

TEST(Judge, OfOneThatDoesNotFollow) {
  EXPECT_EQ(refusal_of(statement_at(2, hash_of("some other first")), after(release_of(some_statement()))),
            Code::kReleaseNotNext);
}

TEST(Judge, OfASequenceThatNothingCouldFollow) {
  const auto most = static_cast<std::uint64_t>(limits::kReleaseSequence);
  EXPECT_EQ(refusal_of(statement_at(std::numeric_limits<std::uint64_t>::max(), hash_of("x")), some_expectation()),
            Code::kReleaseSequence);
  EXPECT_EQ(refusal_of(statement_at(most + 1, hash_of("x")), some_expectation()), Code::kReleaseSequence);
  EXPECT_EQ(refusal_of(statement_at(most, hash_of("x")), some_expectation()), std::nullopt);
}

TEST(Judge, OfTime) {
  const std::int64_t expires = some_statement().expires;
  const auto at = [](std::int64_t now, std::int64_t passed = 0) {
    Expectation here = some_expectation();
    here.now = now;
    here.passed = passed;
    return refusal_of(some_statement(), here);
  };
  EXPECT_EQ(at(expires - 1), std::nullopt);
  EXPECT_EQ(at(expires), Code::kReleaseExpired);
  EXPECT_EQ(at(expires + 3650 * kDay), Code::kReleaseExpired);  // or a clock ten years ahead
  EXPECT_EQ(at(expires - limits::kReleaseLifetime), std::nullopt);
  EXPECT_EQ(at(expires - limits::kReleaseLifetime - 1), Code::kClockOff);
  EXPECT_EQ(at(kNow - 3650 * kDay), Code::kClockOff);
  EXPECT_EQ(at(kNow, kNow), std::nullopt);
  EXPECT_EQ(at(kNow, kNow + 1), Code::kClockOff);
  EXPECT_EQ(at(std::numeric_limits<std::int64_t>::min(), 1), Code::kClockOff);
  EXPECT_EQ(at(std::numeric_limits<std::int64_t>::max()), Code::kReleaseExpired);
}

TEST(SchemaHash, IsOfTheMeaning) {
  constexpr const char* kSchema = "schema s\nrecord R { a: int, b: string }\nslot f(r: R) -> bool else false\n";
  const auto hash = schema_hash(kSchema);
  ASSERT_TRUE(hash);
  EXPECT_EQ(schema_hash("schema s // said otherwise\n\nrecord R {\n  /// of all\n  a: int\n  b: string\n}\n"
                        "/// what it is for\nslot f(r: R) -> bool\n  else false\n"),
            hash);
  EXPECT_NE(schema_hash("schema s\nrecord R { a: int, b: string }\nslot f(r: R) -> bool else true\n"), hash);
  EXPECT_NE(schema_hash("schema s\nrecord R { b: string, a: int }\nslot f(r: R) -> bool else false\n"), hash);
  EXPECT_EQ(schema_hash("library s\n"), std::nullopt);
  EXPECT_EQ(schema_hash("schema"), std::nullopt);
}

}  // namespace
}  // namespace writ::fleet
