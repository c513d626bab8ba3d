# Finds hypre, built for MPI and numbers of type double: the target HYPRE::HYPRE. It is installed with lop,
# whose package finds hypre by it again. HYPRE_ROOT or CMAKE_PREFIX_PATH tell where to look.
find_path(HYPRE_INCLUDE_DIR HYPRE.h PATH_SUFFIXES hypre)
find_library(HYPRE_LIBRARY HYPRE)
mark_as_advanced(HYPRE_INCLUDE_DIR HYPRE_LIBRARY)

set(lop_hypre_reason "hypre was not found")
if(HYPRE_INCLUDE_DIR AND EXISTS ${HYPRE_INCLUDE_DIR}/HYPRE_config.h)
    file(STRINGS ${HYPRE_INCLUDE_DIR}/HYPRE_config.h lop_hypre_lines REGEX "^#define HYPRE_")
    if(lop_hypre_lines MATCHES "HYPRE_RELEASE_VERSION \"([0-9.]+)\"")
        set(HYPRE_VERSION ${CMAKE_MATCH_1})
    endif()
    # What lop's vectors do not fit.
    if(lop_hypre_lines MATCHES "HYPRE_(SINGLE|LONG_DOUBLE|COMPLEX|SEQUENTIAL|USING_GPU)[ ;]")
        set(lop_hypre_reason "hypre ${HYPRE_VERSION} is built with HYPRE_${CMAKE_MATCH_1}")
        set(HYPRE_INCLUDE_DIR HYPRE_INCLUDE_DIR-NOTFOUND)
    endif()
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(HYPRE REQUIRED_VARS HYPRE_LIBRARY HYPRE_INCLUDE_DIR
    VERSION_VAR HYPRE_VERSION REASON_FAILURE_MESSAGE "${lop_hypre_reason}")
if(HYPRE_FOUND AND NOT TARGET HYPRE::HYPRE)
    add_library(HYPRE::HYPRE UNKNOWN IMPORTED)
    set_target_properties(HYPRE::HYPRE PROPERTIES
        IMPORTED_LOCATION ${HYPRE_LIBRARY} INTERFACE_INCLUDE_DIRECTORIES ${HYPRE_INCLUDE_DIR})
endif()
