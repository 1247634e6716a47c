# Fails where an object of the engine would run code before main: families are constants, whatever the link order.
#
#   cmake -DOBJDUMP=objdump "-DLIBRARIES=librefloop_kernels.a;librefloop_check.a" -P no_initializers.cmake
foreach(library ${LIBRARIES})
  execute_process(COMMAND "${OBJDUMP}" -h "${library}" OUTPUT_VARIABLE sections COMMAND_ERROR_IS_FATAL ANY)
  if(NOT sections MATCHES "\\.text")
    message(FATAL_ERROR "${library} has no code: nothing was looked at")
  endif()
  if(sections MATCHES "\\.init_array|\\.ctors")
    message(FATAL_ERROR "${library} has a dynamic initialiser: nm -C ${library} | grep _GLOBAL__sub_I tells where")
  endif()
endforeach()
