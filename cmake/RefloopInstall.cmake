# `cmake --install`: the program, the libraries, the public headers, and a package for find_package(refloop). The loops' bodies stay
# here: compiled with somebody's -ffast-math or -march=native they would give other bits.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/refloop")
install(TARGETS refloop_kernels refloop_check refloop_subjects EXPORT refloopTargets)
install(DIRECTORY include/refloop DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
install(EXPORT refloopTargets NAMESPACE refloop:: DESTINATION "${package_dir}")
if(TARGET refloop)
  install(TARGETS refloop EXPORT refloopTargets)
  install(FILES src/subjects/python/refloop.py DESTINATION share/refloop/python)  # where the program looks
endif()
if(TARGET refloop_parity_module)
  # A LibTorch outside the system's folders is found where it was built with; one of the same name elsewhere won't do.
  get_target_property(libtorch refloop::libtorch IMPORTED_LOCATION)
  get_filename_component(libtorch_folder "${libtorch}" DIRECTORY)
  if(NOT libtorch_folder IN_LIST CMAKE_CXX_IMPLICIT_LINK_DIRECTORIES)
    set_property(TARGET refloop_parity_module PROPERTY INSTALL_RPATH "${libtorch_folder}")
  endif()
  install(TARGETS refloop_parity_module LIBRARY DESTINATION lib/refloop)  # where the program looks
endif()

configure_package_config_file(cmake/refloopConfig.cmake.in "${PROJECT_BINARY_DIR}/refloopConfig.cmake"
                              INSTALL_DESTINATION "${package_dir}")
write_basic_package_version_file("${PROJECT_BINARY_DIR}/refloopConfigVersion.cmake" COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/refloopConfig.cmake" "${PROJECT_BINARY_DIR}/refloopConfigVersion.cmake"
              cmake/RefloopAddCheck.cmake
        DESTINATION "${package_dir}")
