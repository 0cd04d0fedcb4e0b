#include "fleet/nats_module.h"

const writ::fleet::NatsModule* writ_nats_module() {
  static constexpr writ::fleet::NatsModule kModule = {.make_source = &writ::fleet::NatsSource::make,
                                                      .make_publisher = &writ::fleet::NatsPublisher::make};
  return &kModule;
}
