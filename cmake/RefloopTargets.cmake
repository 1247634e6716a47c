# What every target of ours shares: C++20, the warnings, and bits that do not depend on the compiler's mood.

# A package by its name in CMake, in Debian, by the target that it brings, and the option that does without it (none: everything needs it).
# A project that takes refloop in may bring the target itself.
function(refloop_package name debian target)
  if(NOT TARGET ${target})
    find_package(${name} QUIET)
  endif()
  if(NOT TARGET ${target})
    refloop_missing(${debian} ${ARGN})
  endif()
endfunction()

function(refloop_missing debian)
  set_property(GLOBAL APPEND PROPERTY refloop_missing ${debian})
  set_property(GLOBAL APPEND PROPERTY refloop_without ${ARGN})
endfunction()

function(refloop_missing_packages)
  get_property(missing GLOBAL PROPERTY refloop_missing)
  get_property(without GLOBAL PROPERTY refloop_without)
  if(missing)
    list(JOIN missing " " packages)
    set(instead "")
    if(without AND NOT "libfmt-dev" IN_LIST missing AND NOT "libdlpack-dev" IN_LIST missing)
      list(REMOVE_DUPLICATES without)
      list(TRANSFORM without REPLACE "(.+)" "-D\\1=OFF")
      list(JOIN without " " options)
      set(instead ", or do without them: ${options}")
    endif()
    message(FATAL_ERROR "Missing (by Debian's names): ${packages}. Install them${instead}.")
  endif()
endfunction()

function(refloop_target name)
  target_compile_features(${name} PUBLIC cxx_std_20)
  set_target_properties(${name} PROPERTIES CXX_EXTENSIONS OFF POSITION_INDEPENDENT_CODE ON)
  # No fused multiply-add where the text has two roundings.
  target_compile_options(${name} PRIVATE -ffp-contract=off -Wall -Wextra -Wpedantic -Wshadow -Wconversion
                                         $<$<BOOL:${REFLOOP_WERROR}>:-Werror>
                                         # g++ 12 sees overlaps in std::string that are not there (its bug 105651).
                                         $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>)
  target_include_directories(${name} PRIVATE "${PROJECT_SOURCE_DIR}/src")
endfunction()

# A library of ours: all sources of the folder and of those named behind it, the public headers, and a name in the
# refloop namespace.
function(refloop_library folder)
  foreach(name ${folder} ${ARGN})
    file(GLOB found CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/src/${name}/*.cpp")
    list(APPEND sources ${found})
  endforeach()
  add_library(refloop_${folder} STATIC ${sources})
  add_library(refloop::${folder} ALIAS refloop_${folder})
  set_target_properties(refloop_${folder} PROPERTIES EXPORT_NAME ${folder})
  target_include_directories(refloop_${folder} PUBLIC "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>"
                                                      "$<INSTALL_INTERFACE:include>")
  refloop_target(refloop_${folder})
endfunction()
