// A node at work: one thread that reads a source, drives the state machine and makes an engine run what it says.
//
// In: an engine, a source, a folder to remember in. Out: notices by callback, a status for whoever asks. The last good release and
// what the source shows are taken up before the constructor returns, on the caller's thread; everything after that happens on a
// thread of its own, callbacks included. Whoever else commits to the engine is overruled by the next release that comes.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "fleet/node.h"
#include "fleet/node_store.h"
#include "fleet/source.h"
#include "host/live_engine.h"

namespace writ::fleet {

struct Pacing {
  std::chrono::milliseconds reread = std::chrono::seconds(30);       // the whole source, since announcements get lost
  std::chrono::milliseconds report = std::chrono::seconds(10);       // the status, also when nothing has changed
  std::chrono::milliseconds watch = std::chrono::milliseconds(100);  // while a release is on trial or held
};

class RunningNode {
 public:
  /// `tell` must not throw. The engine is borrowed; the host functions it needs have been provided.
  RunningNode(host::LiveEngine& engine, std::unique_ptr<Source> source, NodeStore store, NodeRules rules,
              NodeMemory memory, const Pacing& pacing, std::function<void(const Notice&)> tell);
  /// Ends the thread; what runs goes on.
  ~RunningNode();
  RunningNode(const RunningNode&) = delete;
  RunningNode& operator=(const RunningNode&) = delete;

  [[nodiscard]] NodeStatus status() const;
  /// The release that waits for an approval, if one does.
  [[nodiscard]] std::optional<Hash> held() const;

 private:
  using Clock = std::chrono::steady_clock;

  void loop();
  void wait();
  /// Does the step's task and those that follow from it.
  void take(Step step);
  [[nodiscard]] Step perform(const TryOut& task);
  [[nodiscard]] Step perform(const Remember& task);
  [[nodiscard]] Step perform(const Activate& task);
  void take(Heard heard);
  void look_after();
  /// To the source, when there is news or it is time.
  void report();
  void show();
  void tell(const Notice& notice);
  [[nodiscard]] std::vector<Traffic> traffic() const;

  host::LiveEngine& engine_;
  std::unique_ptr<Source> source_;
  NodeStore store_;
  std::string name_;
  Node node_;
  Pacing pacing_;
  std::function<void(const Notice&)> tell_;

  bool has_news_ = true;  // that its status does not show yet
  std::string trouble_;   // with the source, as it was last told
  Clock::time_point reread_at_;
  Clock::time_point report_at_;

  mutable std::mutex shown_mutex_;
  NodeStatus shown_;          // under shown_mutex_
  std::optional<Hash> held_;  // under shown_mutex_

  host::Descriptor wake_;  // readable: stop
  std::atomic<bool> stops_{false};
  std::thread thread_;
};

}  // namespace writ::fleet
