# Installs libraries, headers and the program, with a CMake package for find_package(lop).
include_guard(GLOBAL)
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

get_property(floors GLOBAL PROPERTY lop_floors)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/lop)
install(TARGETS ${floors} EXPORT lopTargets
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/lop DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(EXPORT lopTargets NAMESPACE lop:: DESTINATION ${package_dir})
if(TARGET lop)
    install(TARGETS lop RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()

configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/lopConfig.cmake.in
    ${PROJECT_BINARY_DIR}/lopConfig.cmake INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/lopConfigVersion.cmake
    COMPATIBILITY SameMinorVersion)
install(FILES
    ${PROJECT_BINARY_DIR}/lopConfig.cmake
    ${PROJECT_BINARY_DIR}/lopConfigVersion.cmake
    ${CMAKE_CURRENT_LIST_DIR}/FindHYPRE.cmake
    DESTINATION ${package_dir})
