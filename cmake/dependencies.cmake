# Every third-party package, each found once and named for what it is. Which folder may use which is
# layers.txt's business; `./dev setup` knows the Debian package that provides each.

find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(fmt 9 REQUIRED)
find_package(GTest 1.12 REQUIRED)
find_package(nlohmann_json 3.11 REQUIRED)
pkg_check_modules(re2 REQUIRED IMPORTED_TARGET re2)
pkg_check_modules(simdjson REQUIRED IMPORTED_TARGET simdjson)
pkg_check_modules(tomlplusplus REQUIRED IMPORTED_TARGET tomlplusplus)
pkg_check_modules(yamlcpp REQUIRED IMPORTED_TARGET yaml-cpp)
pkg_check_modules(cli11 REQUIRED IMPORTED_TARGET CLI11)
pkg_check_modules(httplib REQUIRED IMPORTED_TARGET cpp-httplib)
pkg_check_modules(libedit REQUIRED IMPORTED_TARGET libedit)
pkg_check_modules(luajit REQUIRED IMPORTED_TARGET luajit)
pkg_check_modules(sodium REQUIRED IMPORTED_TARGET libsodium)
pkg_check_modules(nats REQUIRED IMPORTED_TARGET libnats)
pkg_check_modules(urcu REQUIRED IMPORTED_TARGET liburcu-memb)

# ANTLR's C++ runtime has neither a CMake package nor a pkg-config file in Debian 12.
find_path(WRIT_ANTLR_INCLUDE antlr4-runtime.h PATH_SUFFIXES antlr4-runtime REQUIRED)
find_library(WRIT_ANTLR_LIBRARY antlr4-runtime REQUIRED)
find_program(WRIT_ANTLR_TOOL antlr4 REQUIRED)

# LLVM 22.1 from Debian, as one shared library. Its package file accepts any 22.1.x for 22.1 and
# nothing else, and within 22.1.x the C++ ABI stays.
find_package(LLVM 22.1 QUIET CONFIG HINTS /usr/lib/llvm-22/lib/cmake/llvm)
if(NOT LLVM_FOUND)
  message(FATAL_ERROR "writ needs LLVM 22.1.x: install Debian's llvm-22-dev (./dev setup does)")
endif()
