// What libwrit_jit.so offers to a process that loads it late: the free functions of jit.h behind one C symbol.
//
// A program that links jit/ directly fills a Module from the functions themselves; a command that may never compile
// loads the module and asks writ_jit_module for it. Objects made through it die before the module is unloaded (it never is).
#pragma once

#include "jit/jit.h"

namespace writ::jit {

struct Module {
  decltype(&jit::compile) compile;
  decltype(&jit::Session::create) create_session;
  decltype(&jit::call) call;
};

}  // namespace writ::jit

/// The module's only C symbol; static storage.
extern "C" const writ::jit::Module* writ_jit_module();
