// What the shop's server answers over HTTP. Every answer that policies had a part in tells the release that gave it.
//
//   GET  /quote                  an order: may it be placed, is it too large, what does it cost; all by one release
//   GET  /access /limit /price   one slot: its answer and the rule that gave it, or how the policy failed
//        ?item=tea [&quantity=1] [&customer=ann] [&from=ADDRESS]
//   GET  /release[?after=N]      the running release; waits up to 5 s until one after N runs
//   POST /rollback               back to the release before; wants a body, which may be empty
//   GET  /metrics                counters for Prometheus
#pragma once

#include <httplib.h>

#include "examples/server/shop.h"

namespace shop {

/// The server borrows the shop.
void add_routes(httplib::Server& server, Shop& shop);

}  // namespace shop
