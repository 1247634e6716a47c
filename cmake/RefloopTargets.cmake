# What every target of ours shares: C++20, the warnings, and bits that do not depend on the compiler's mood.

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
