// A folder of policies (*.writ) and config documents (*.toml) that people edit while the server runs.
//
// In: a path. Out: the texts of its files, as they were when somebody finished writing them: a file is read again when it was
// closed after writing or renamed into place; one that is being written keeps its former text. What it does not do:
// sub-folders, other files, judging texts. For one thread.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace shop {

class Folder {
 public:
  /// Reads every file. Throws std::system_error when the folder cannot be read or watched.
  explicit Folder(std::string path);
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  /// Readable, for poll(), when something has changed.
  [[nodiscard]] int descriptor() const { return inotify_; }
  /// Waits until nothing has changed for a moment, so that a save of several files counts as one, and reads what was saved.
  void read_changes();

  /// Every file that was ever here, by name; without a text when it is gone.
  [[nodiscard]] const std::map<std::string, std::optional<std::string>>& files() const { return files_; }

 private:
  enum class Change : std::uint8_t { kBeingWritten, kWritten, kGone };

  Folder(std::string path, int inotify);
  /// Takes the events that wait and adds the last of each file to `changes`.
  void take_events(std::map<std::string, Change>& changes);
  void read_all();
  void read_file(const std::string& name);

  std::string path_;
  int inotify_;
  std::map<std::string, std::optional<std::string>> files_;
};

}  // namespace shop
