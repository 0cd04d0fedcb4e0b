// A thread with a deep stack of known size, for calls whose depth only a policy's metered stack bounds.
//
// The reference interpreter recurses over the program in C++; with this much room the metered stack of every tier ends a call
// before the thread's own stack does. Pages are committed as they are touched.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

namespace writ::support {

/// Runs `work` on such a thread and waits for it; what it throws comes out here.
void on_deep_stack(const std::function<void()>& work);

/// Below this address the current thread's stack must not go: its end, and room for what a built-in needs.
[[nodiscard]] std::uintptr_t native_stack_end();

}  // namespace writ::support
