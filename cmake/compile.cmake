# How every file of the project is compiled. Folder-specific flags live in the folder.

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)  # the objects of jit/ go into a module that is loaded late

# `Checked` keeps assertions and frames and is fast enough for thousands of golden files.
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")
set(CMAKE_C_FLAGS_RELEASE "-O2 -DNDEBUG")
set(CMAKE_CXX_FLAGS_CHECKED "-O1 -g1 -fno-omit-frame-pointer -D_GLIBCXX_ASSERTIONS")
set(CMAKE_C_FLAGS_CHECKED "-O1 -g1 -fno-omit-frame-pointer")

add_compile_options(
  -Wall -Wextra -Wnon-virtual-dtor -Wimplicit-fallthrough
  -Werror=switch -Werror=return-type -Werror=unused-result -Werror=uninitialized
  # A policy's floats must come out the same on the interpreter and on every compiler: no a*b+c
  # fusing.
  -ffp-contract=off)

# g++ 12 takes the alternatives that a moved-from std::variant does not hold for variables that
# nobody set. clang and the sanitizers look for the real ones.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-Wno-maybe-uninitialized>)
endif()

set(WRIT_SANITIZERS "" CACHE STRING "Value of -fsanitize= for the whole build; set by the presets")
if(WRIT_SANITIZERS)
  add_compile_options(-fsanitize=${WRIT_SANITIZERS})
  add_link_options(-fsanitize=${WRIT_SANITIZERS})
  if(WRIT_SANITIZERS MATCHES "undefined")
    # `function` reads a word in front of each callee; compiled policies have none there.
    add_compile_options(-fno-sanitize-recover=all -fno-sanitize=function)
    add_link_options(-fno-sanitize=function)
  endif()
endif()

# ccache sees paths relative to the checkout, so that all build folders share what they compile
# alike.
find_program(WRIT_CCACHE ccache)
if(WRIT_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER
      env CCACHE_NOHASHDIR=1 "CCACHE_BASEDIR=${PROJECT_SOURCE_DIR}" "${WRIT_CCACHE}")
endif()

# Without this, a pipe gets no colour and a terminal under ninja gets none either.
if(CMAKE_GENERATOR STREQUAL "Ninja")
  add_compile_options(-fdiagnostics-color=auto)
endif()
