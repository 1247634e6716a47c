# Installs into an empty prefix: the public headers and no others, and a program that works from there.
cmake_minimum_required(VERSION 3.22)
file(REMOVE_RECURSE "${PREFIX}")
execute_process(COMMAND "${CMAKE_COMMAND}" --install "${BUILD}" --prefix "${PREFIX}" OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)

file(GLOB_RECURSE public RELATIVE "${SOURCE}/include" "${SOURCE}/include/*")
file(GLOB_RECURSE installed RELATIVE "${PREFIX}/include" "${PREFIX}/include/*")
if(NOT public STREQUAL installed)
  message(FATAL_ERROR "include/ has ${public}\ninstalled is ${installed}")
endif()

if(EXISTS "${PREFIX}/bin/refloop")
  execute_process(COMMAND "${PREFIX}/bin/refloop" --version COMMAND_ERROR_IS_FATAL ANY)
  if(PARITY)
    execute_process(COMMAND "${PREFIX}/bin/refloop" parity --case conv2d_i6_k3 COMMAND_ERROR_IS_FATAL ANY)
  endif()
endif()
