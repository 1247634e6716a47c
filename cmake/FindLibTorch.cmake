# LibTorch as one imported target, refloop::libtorch: libtorch_cpu, libc10 and their headers. Torch's own package wants a CUDA
# toolkit wherever the wheel was built with CUDA, and brings flags and libraries that a CPU caller never needs.
#
#   REFLOOP_TORCH              where to look: empty (Torch_DIR, CMAKE_PREFIX_PATH, python3's torch, the system's, in this order),
#                              system, wheel (python3's torch), or a folder (an unpacked LibTorch, a wheel's torch/)
#   REFLOOP_LIBTORCH_ROOT      the folder that was taken
#   REFLOOP_LIBTORCH_VERSION   what its headers call themselves (Debian's 1.13.1 says 1.13.0)
#   REFLOOP_LIBTORCH_KIND      system or wheel: whether the linker finds its libraries by itself

set(REFLOOP_TORCH "" CACHE STRING "LibTorch to compare with: system, wheel, a folder, or empty for the first one found")

# A folder as people name it (a prefix, Torch_DIR, torch.utils.cmake_prefix_path, site-packages) as the one with include/ and lib/.
function(_libtorch_root result folder)
  set(${result} "" PARENT_SCOPE)
  string(REGEX REPLACE "/+$" "" folder "${folder}")
  string(REGEX REPLACE "(/share|/lib(64)?(/[^/]+)?)?/cmake(/Torch)?$" "" folder "${folder}")
  foreach(root "${folder}" "${folder}/torch")
    file(GLOB library "${root}/lib/libtorch_cpu.so" "${root}/lib64/libtorch_cpu.so" "${root}/lib/*-linux-gnu/libtorch_cpu.so")
    if(library AND EXISTS "${root}/include/ATen/ATen.h")
      set(${result} "${root}" PARENT_SCOPE)
      return()
    endif()
  endforeach()
endfunction()

function(_libtorch_of_python result)
  set(${result} "" PARENT_SCOPE)
  # find_spec does not import torch, which would take seconds.
  execute_process(COMMAND python3 -c "import importlib.util as u; s = u.find_spec('torch'); print(s.submodule_search_locations[0] if s else '')"
                  OUTPUT_VARIABLE folder OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
  if(NOT failed AND folder)
    set(${result} "${folder}" PARENT_SCOPE)
  endif()
endfunction()

function(_libtorch_search result)
  if(REFLOOP_TORCH STREQUAL "system")
    set(candidates /usr/local /usr)
  elseif(REFLOOP_TORCH STREQUAL "wheel")
    _libtorch_of_python(candidates)
  elseif(REFLOOP_TORCH)
    get_filename_component(candidates "${REFLOOP_TORCH}" ABSOLUTE BASE_DIR "${CMAKE_SOURCE_DIR}")
  else()
    _libtorch_of_python(python)
    file(TO_CMAKE_PATH "$ENV{CMAKE_PREFIX_PATH}" environment)
    set(candidates ${Torch_DIR} $ENV{Torch_DIR} ${CMAKE_PREFIX_PATH} ${environment} ${python} /usr/local /usr)
  endif()
  set(${result} "" PARENT_SCOPE)
  foreach(candidate IN LISTS candidates)
    _libtorch_root(root "${candidate}")
    if(root)
      file(GLOB config "${root}/share/cmake/Torch/TorchConfig.cmake")
      if(config)
        file(STRINGS "${config}" old_abi REGEX "_GLIBCXX_USE_CXX11_ABI=0")
        if(old_abi)
          message(STATUS "LibTorch in ${root} is passed over: it has g++'s old C++ ABI (wheels from 2.7 on have the new one)")
          continue()
        endif()
      endif()
      set(${result} "${root}" PARENT_SCOPE)
      return()
    endif()
  endforeach()
endfunction()

# The answer is kept while the question stays the same, so that a later configure in another shell does not change LibTorch.
set(_libtorch_asked "${REFLOOP_TORCH}|${Torch_DIR}|${CMAKE_PREFIX_PATH}")
if(NOT _libtorch_asked STREQUAL "${_REFLOOP_LIBTORCH_ASKED}" OR NOT EXISTS "${_REFLOOP_LIBTORCH_ROOT}/include/ATen/ATen.h")
  _libtorch_search(_libtorch_found)
  set(_REFLOOP_LIBTORCH_ROOT "${_libtorch_found}" CACHE INTERNAL "")
  set(_REFLOOP_LIBTORCH_ASKED "${_libtorch_asked}" CACHE INTERNAL "")
endif()
set(REFLOOP_LIBTORCH_ROOT "${_REFLOOP_LIBTORCH_ROOT}")

if(NOT REFLOOP_LIBTORCH_ROOT)
  set(LibTorch_FOUND FALSE)
  if(LibTorch_FIND_REQUIRED)
    set(_libtorch_where "")
    if(REFLOOP_TORCH)
      set(_libtorch_where " where REFLOOP_TORCH=${REFLOOP_TORCH} says")
    endif()
    message(FATAL_ERROR "No LibTorch${_libtorch_where}: install Debian's libtorch-dev or `pip install torch`, or name its folder with "
                        "-DREFLOOP_TORCH=PATH; -DREFLOOP_PARITY=OFF builds everything else without it.")
  endif()
  return()
endif()

set(LibTorch_FOUND TRUE)
file(GLOB _libtorch_libraries "${REFLOOP_LIBTORCH_ROOT}/lib/libtorch_cpu.so" "${REFLOOP_LIBTORCH_ROOT}/lib64/libtorch_cpu.so"
                              "${REFLOOP_LIBTORCH_ROOT}/lib/*-linux-gnu/libtorch_cpu.so")
list(GET _libtorch_libraries 0 _libtorch_cpu)
get_filename_component(_libtorch_folder "${_libtorch_cpu}" DIRECTORY)

# 2.9 moved the numbers to another header.
set(REFLOOP_LIBTORCH_VERSION "")
foreach(_libtorch_header headeronly/version.h csrc/api/include/torch/version.h)
  if(NOT REFLOOP_LIBTORCH_VERSION AND EXISTS "${REFLOOP_LIBTORCH_ROOT}/include/torch/${_libtorch_header}")
    file(STRINGS "${REFLOOP_LIBTORCH_ROOT}/include/torch/${_libtorch_header}" _libtorch_numbers
         REGEX "define TORCH_VERSION_(MAJOR|MINOR|PATCH) +[0-9]+")
    string(REGEX MATCHALL "[0-9]+" _libtorch_numbers "${_libtorch_numbers}")
    list(JOIN _libtorch_numbers "." REFLOOP_LIBTORCH_VERSION)
  endif()
endforeach()

if(_libtorch_folder IN_LIST CMAKE_CXX_IMPLICIT_LINK_DIRECTORIES)
  set(REFLOOP_LIBTORCH_KIND system)
else()
  set(REFLOOP_LIBTORCH_KIND wheel)
endif()

if(NOT TARGET refloop::libtorch)
  add_library(refloop::libtorch SHARED IMPORTED GLOBAL)
  set_target_properties(refloop::libtorch PROPERTIES
    IMPORTED_LOCATION "${_libtorch_cpu}"
    INTERFACE_LINK_LIBRARIES "${_libtorch_folder}/libc10.so"
    INTERFACE_INCLUDE_DIRECTORIES "${REFLOOP_LIBTORCH_ROOT}/include;${REFLOOP_LIBTORCH_ROOT}/include/torch/csrc/api/include")
  # The wheel's CUDA libraries may be absent at link time, and nothing of ours calls them.
  if(REFLOOP_LIBTORCH_KIND STREQUAL "wheel")
    set_property(TARGET refloop::libtorch APPEND PROPERTY INTERFACE_LINK_OPTIONS "-Wl,--allow-shlib-undefined")
  endif()
  # From C++20 on clang reads a vector's destructor where LibTorch's headers have only declared c10::IValue.
  set_property(TARGET refloop::libtorch APPEND PROPERTY INTERFACE_COMPILE_OPTIONS
               "$<$<COMPILE_LANG_AND_ID:CXX,Clang>:SHELL:-include ATen/core/ivalue.h>")
  # Debian's headers log through glog, inline.
  set(_libtorch_macros "${REFLOOP_LIBTORCH_ROOT}/include/c10/macros/cmake_macros.h")
  if(EXISTS "${_libtorch_macros}")
    file(STRINGS "${_libtorch_macros}" _libtorch_glog REGEX "define C10_USE_GLOG")
    find_library(REFLOOP_GLOG glog)
    mark_as_advanced(REFLOOP_GLOG)
    if(_libtorch_glog AND REFLOOP_GLOG)
      set_property(TARGET refloop::libtorch APPEND PROPERTY INTERFACE_LINK_LIBRARIES "${REFLOOP_GLOG}")
      if(EXISTS "${REFLOOP_LIBTORCH_ROOT}/include/glog/export.h")  # glog 0.7 and later want to be told
        set_property(TARGET refloop::libtorch APPEND PROPERTY INTERFACE_COMPILE_DEFINITIONS GLOG_USE_GLOG_EXPORT)
      endif()
    endif()
  endif()
  message(STATUS "LibTorch ${REFLOOP_LIBTORCH_VERSION} (${REFLOOP_LIBTORCH_KIND}) in ${REFLOOP_LIBTORCH_ROOT}")
endif()
