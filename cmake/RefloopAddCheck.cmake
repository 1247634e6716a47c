# refloop_add_check(TARGET [LIKE PATTERN...] [TIER smoke|full] [ARGS OPTION...])
#
# A test `refloop.TARGET` that holds a kernel to the loops by `refloop check`: of a shared library (SHARED or MODULE) the functions of
# refloop/plugin.h that it exports, of an executable what it answers as a live program (`refloop help program`). LIKE says which cases
# it takes, where that is not to be found out by asking; ARGS are further options of `refloop check`, as in
# ARGS --algorithm winograd-4x4. The test fails where `refloop check` does, and keeps failing cases beside it.
function(refloop_add_check target)
  cmake_parse_arguments(PARSE_ARGV 1 check "" "TIER" "LIKE;ARGS")
  if(check_UNPARSED_ARGUMENTS)
    list(JOIN check_UNPARSED_ARGUMENTS " " unknown)
    message(FATAL_ERROR "refloop_add_check(${target}): takes LIKE, TIER and ARGS, not ${unknown}")
  endif()
  if(NOT TARGET ${target})
    message(FATAL_ERROR "refloop_add_check(${target}): there is no such target")
  endif()
  if(NOT TARGET refloop::refloop)
    message(FATAL_ERROR "refloop_add_check(${target}): the program refloop is not there; build refloop with -DREFLOOP_PROGRAM=ON")
  endif()
  get_target_property(type ${target} TYPE)
  if(type MATCHES "^(SHARED|MODULE)_LIBRARY$")
    set(kernel --lib "$<TARGET_FILE:${target}>")
  elseif(type STREQUAL "EXECUTABLE")
    set(kernel --exec "'$<TARGET_FILE:${target}>'")  # a line for a shell
  else()
    message(FATAL_ERROR "refloop_add_check(${target}): takes a SHARED or MODULE library or an executable, not a ${type}")
  endif()
  if(NOT check_TIER)
    set(check_TIER smoke)
  endif()
  list(TRANSFORM check_LIKE PREPEND "--like=")
  add_test(NAME refloop.${target}
           COMMAND refloop::refloop check ${kernel} --tier ${check_TIER} ${check_LIKE} ${check_ARGS})
endfunction()
