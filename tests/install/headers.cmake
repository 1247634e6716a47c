# Each public header compiles alone, and takes in nothing but the standard library and its neighbours.
cmake_minimum_required(VERSION 3.22)
set(own_needs_gtest.h gtest)  # the headers made for another library
set(own_needs_plugin.h dlpack)
file(MAKE_DIRECTORY "${WORK}")
file(GLOB headers RELATIVE "${INCLUDE}" "${INCLUDE}/refloop/*.h")
foreach(header ${headers})
  get_filename_component(name "${header}" NAME)
  file(WRITE "${WORK}/alone.cpp" "#include \"${header}\"\n")
  execute_process(COMMAND "${COMPILER}" -std=c++20 -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror -fsyntax-only -I "${INCLUDE}"
                          -MD -MF "${WORK}/alone.d" "${WORK}/alone.cpp"
                  RESULT_VARIABLE failed ERROR_VARIABLE words)
  if(failed)
    message(SEND_ERROR "${header} does not compile alone:\n${words}")
    continue()
  endif()
  file(READ "${WORK}/alone.d" files)
  foreach(library torch ATen c10 fmt CLI nlohmann gtest dlpack)
    if(files MATCHES "/${library}/" AND NOT library IN_LIST own_needs_${name})
      message(SEND_ERROR "${header} takes in ${library}")
    endif()
  endforeach()
endforeach()
