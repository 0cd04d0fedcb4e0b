// What libwrit_nats.so offers to a process that loads it late: a feed's two sides in NATS behind one C symbol.
//
// A program that follows NATS links writ::nats; a command that may never need it loads the module and asks writ_nats_module. Objects
// made through it die before the module is unloaded (it never is).
#pragma once

#include "fleet/nats.h"

namespace writ::fleet {

struct NatsModule {
  decltype(&NatsSource::make) make_source;
  decltype(&NatsPublisher::make) make_publisher;
};

}  // namespace writ::fleet

/// The module's only C symbol; static storage.
extern "C" const writ::fleet::NatsModule* writ_nats_module();
