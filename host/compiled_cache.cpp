#include "host/compiled_cache.h"

#include <algorithm>
#include <ranges>
#include <utility>

#include "support/limits.h"

namespace writ::host {
namespace {

/// Typed programs grow with their texts, which are counted twice to stand for them too. What plans share is counted in each.
std::size_t size_of(const ReleasePlan& plan, const CompiledPlan& compiled) {
  std::size_t bytes = 0;
  for (const CompiledSlice& slice : compiled.slices) {
    bytes += slice.object->key.size() + slice.object->object.bytes.size();
  }
  for (const ReleaseText& text : plan.texts) bytes += 2 * (text.name.size() + text.text.size());
  return bytes;
}

}  // namespace

CompiledCache::Compiled CompiledCache::find(const ReleasePlan& plan) {
  const auto found = std::ranges::find_if(
      entries_, [&](const Entry& entry) { return entry.tier == plan.tier && entry.texts == plan.texts; });
  if (found == entries_.end()) return nullptr;
  std::ranges::rotate(found, found + 1, entries_.end());
  return entries_.back().compiled;
}

std::shared_ptr<const CheckedTexts> CompiledCache::find_sources(const ReleasePlan& plan) const {
  const auto sources = [](const std::vector<ReleaseText>& texts) {
    return texts | std::views::filter([](const ReleaseText& text) { return text.kind == ReleaseText::Kind::kSource; });
  };
  const auto found = std::ranges::find_if(entries_, [&](const Entry& entry) {
    return entry.tier == plan.tier && std::ranges::equal(sources(entry.texts), sources(plan.texts));
  });
  return found == entries_.end() ? nullptr : found->compiled->checked;
}

void CompiledCache::keep(const ReleasePlan& plan, Compiled compiled) {
  const std::size_t bytes = size_of(plan, *compiled);
  bytes_ += bytes;
  entries_.push_back({plan.tier, plan.texts, std::move(compiled), bytes});
  while (entries_.size() > support::limits::kCachedReleases || bytes_ > support::limits::kCachedBytes) {
    bytes_ -= entries_.front().bytes;
    entries_.erase(entries_.begin());
  }
}

}  // namespace writ::host
