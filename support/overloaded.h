// A visitor made of lambdas, one an alternative: std::visit(Overloaded{…}, variant).
#pragma once

namespace writ::support {

template <class... Functions>
struct Overloaded : Functions... {
  using Functions::operator()...;
};

}  // namespace writ::support
