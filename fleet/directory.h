// A feed in a directory: no server, one file that is replaced as a whole.
//
//   TENANT.CHANNEL.wrel          the latest release; whoever drops a file of this name here publishes
//   TENANT.CHANNEL.history/      earlier ones by sequence, at most limits::kFleetHistory
//   TENANT.CHANNEL.nodes/        what each node says of itself
//   TENANT.CHANNEL.lock          held while somebody publishes
//
// The source watches by inotify, also when the directory is moved away and another comes in its place; what inotify cannot see
// (a link in the path) the reading on a schedule does. Replacing is by rename, so a copy that is still being written shows
// only under a name that nobody reads.
#pragma once

#include <expected>
#include <memory>
#include <optional>
#include <string>

#include "fleet/folder.h"
#include "fleet/source.h"

namespace writ::fleet {

class DirectorySource final : public Source {
 public:
  /// The directory may come later: until then the source does not answer. The error is one sentence.
  [[nodiscard]] static std::expected<std::unique_ptr<Source>, std::string> make(std::string path, Feed feed);

  [[nodiscard]] int descriptor() const override { return inotify_.get(); }
  [[nodiscard]] Heard take() override;
  [[nodiscard]] Heard read_again() override;
  [[nodiscard]] std::expected<void, std::string> acknowledge(const std::string& node, std::string_view status) override;

 private:
  DirectorySource(std::string path, Feed feed, host::Descriptor inotify);
  /// Opens and watches what stands at the path, unless it does already.
  void settle();
  /// Whether anything that waits could concern the feed's file.
  [[nodiscard]] bool take_events();

  std::string path_;
  std::string parent_;
  std::string file_;
  Feed feed_;
  host::Descriptor inotify_;
  int parent_watch_ = -1;
  int watch_ = -1;
  std::optional<Folder> folder_;
  std::string problem_;  // why there is no folder
  Disk disk_;
};

class DirectoryPublisher final : public Publisher {
 public:
  [[nodiscard]] static std::expected<std::unique_ptr<Publisher>, std::string> make(const std::string& path, Feed feed,
                                                                                   TrustedKeys trusted);
  [[nodiscard]] std::expected<void, PublishError> publish(const SignedRelease& release) override;
  [[nodiscard]] std::expected<std::vector<SignedRelease>, std::string> history() override;
  [[nodiscard]] std::expected<std::vector<ShownStatus>, std::string> statuses() override;

 private:
  DirectoryPublisher(Folder folder, Feed feed, TrustedKeys trusted);
  /// Both files: the history's first, so that the latest release is always in it.
  [[nodiscard]] std::expected<void, std::string> put(const SignedRelease& release);

  Folder folder_;
  Feed feed_;
  TrustedKeys trusted_;
  Disk disk_;
};

}  // namespace writ::fleet
