# refloop inside another build: it configures without looking for anything that the host brings, and adds nothing to the host.
cmake_minimum_required(VERSION 3.22)
file(REMOVE_RECURSE "${WORK}")
execute_process(COMMAND "${CMAKE_COMMAND}" -G "${GENERATOR}" -S "${CMAKE_CURRENT_LIST_DIR}/guest" -B "${WORK}"
                        "-DREFLOOP_SOURCE=${SOURCE}" "-DCMAKE_CXX_COMPILER=${COMPILER}" COMMAND_ERROR_IS_FATAL ANY)
# Nothing is built, so that any install rule fails here or leaves a file.
execute_process(COMMAND "${CMAKE_COMMAND}" --install "${WORK}" --prefix "${WORK}/prefix" COMMAND_ERROR_IS_FATAL ANY)
if(EXISTS "${WORK}/prefix")
  message(FATAL_ERROR "refloop adds install rules to a project that is not its own")
endif()
