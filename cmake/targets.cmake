# The two shapes of target that the folders are made of.

# writ_library(NAME [PUBLIC target…] [PRIVATE target…] [EXCLUDE file…])
# The folder's *.cpp as static library writ_NAME, alias writ::NAME.
function(writ_library name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "PUBLIC;PRIVATE;EXCLUDE")
  file(GLOB sources CONFIGURE_DEPENDS *.cpp)
  list(TRANSFORM arg_EXCLUDE PREPEND "${CMAKE_CURRENT_SOURCE_DIR}/")
  list(REMOVE_ITEM sources ${arg_EXCLUDE})
  set(target writ_${name})
  add_library(${target} STATIC ${sources})
  target_include_directories(${target} PUBLIC "${PROJECT_SOURCE_DIR}")
  target_link_libraries(${target} PUBLIC ${arg_PUBLIC} PRIVATE ${arg_PRIVATE})
  add_library(writ::${name} ALIAS ${target})
endfunction()

# writ_programs(PREFIX SUFFIX target…)
# One executable PREFIX_NAME for each NAME_SUFFIX.cpp in the folder, from that file and its
# companions NAME_*.cpp; files that belong to no program are shared by all. Every program links the
# given targets. The list is left in PROGRAMS, as names.
function(writ_programs prefix suffix)
  file(GLOB all CONFIGURE_DEPENDS *.cpp)
  file(GLOB mains CONFIGURE_DEPENDS *_${suffix}.cpp)
  set(shared ${all})
  set(names "")
  foreach(main IN LISTS mains)
    cmake_path(GET main STEM stem)
    string(REGEX REPLACE "_${suffix}$" "" name "${stem}")
    list(APPEND names ${name})
    set(own_${name} ${all})
    list(FILTER own_${name} INCLUDE REGEX "/${name}_[^/]*$")
    list(REMOVE_ITEM shared ${own_${name}})
  endforeach()
  foreach(name IN LISTS names)
    add_executable(${prefix}_${name} ${own_${name}} ${shared})
    target_link_libraries(${prefix}_${name} PRIVATE ${ARGN})
  endforeach()
  set(PROGRAMS ${names} PARENT_SCOPE)
endfunction()
