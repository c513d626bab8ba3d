# Finds the libraries that lop stands on; a missing required one ends the configure in one sentence.
include_guard(GLOBAL)

# Remembers one row of the summary.
function(lop_note_dependency name found purpose)
    string(SUBSTRING "${name}                    " 0 16 name)
    string(SUBSTRING "${found}                   " 0 14 found)
    set_property(GLOBAL APPEND PROPERTY lop_dependencies "  ${name}${found}${purpose}")
endfunction()

# lop_find(<package> TARGET <target> DEBIAN <package> PURPOSE <text> [OPTIONAL] [ARGS ...])
#
# Calls find_package(<package> <ARGS>), checks that the target exists and notes it for the summary.
# A macro, because find_package leaves variables that other modules read.
macro(lop_find package)
    cmake_parse_arguments(lop_arg "OPTIONAL" "TARGET;DEBIAN;PURPOSE;NAME" "ARGS" ${ARGN})
    if(NOT lop_arg_NAME)
        set(lop_arg_NAME ${package})
    endif()
    find_package(${package} QUIET ${lop_arg_ARGS})
    if(TARGET ${lop_arg_TARGET})
        set(lop_found found)
        foreach(lop_version ${package}_VERSION ${package}_C_VERSION ${package}_CXX_VERSION
                ${package}_VERSION_STRING)
            if(${lop_version})
                set(lop_found "${${lop_version}}")
            endif()
        endforeach()
        lop_note_dependency("${lop_arg_NAME}" "${lop_found}" "${lop_arg_PURPOSE}")
    elseif(lop_arg_OPTIONAL)
        lop_note_dependency("${lop_arg_NAME}" "-" "${lop_arg_PURPOSE} (${lop_arg_DEBIAN})")
    else()
        message(FATAL_ERROR "lop needs ${lop_arg_NAME} (${lop_arg_PURPOSE}), which was not found: "
            "install the Debian package ${lop_arg_DEBIAN}.")
    endif()
endmacro()

lop_find(MPI TARGET MPI::MPI_C DEBIAN "openmpi-bin and libopenmpi-dev" NAME MPI ARGS 3.1 COMPONENTS C
    PURPOSE "message passing")
lop_find(OpenMP TARGET OpenMP::OpenMP_CXX DEBIAN g++ ARGS COMPONENTS CXX PURPOSE "threads")
set(HDF5_PREFER_PARALLEL TRUE)
lop_find(HDF5 TARGET hdf5::hdf5 DEBIAN libhdf5-openmpi-dev ARGS COMPONENTS C
    PURPOSE "parallel files")
if(NOT HDF5_IS_PARALLEL)
    message(FATAL_ERROR "lop needs HDF5 built for MPI, and only a serial one was found: "
        "install the Debian package libhdf5-openmpi-dev.")
endif()
lop_find(Eigen3 TARGET Eigen3::Eigen DEBIAN libeigen3-dev ARGS 3.4
    PURPOSE "small dense algebra")
lop_find(Boost TARGET Boost::headers DEBIAN libboost-dev ARGS 1.70
    PURPOSE "heterogeneous tuples (Hana)")
lop_find(fmt TARGET fmt::fmt DEBIAN libfmt-dev ARGS CONFIG PURPOSE "text")
lop_find(tomlplusplus TARGET tomlplusplus::tomlplusplus DEBIAN libtomlplusplus-dev ARGS CONFIG
    PURPOSE "job files")
lop_find(CLI11 TARGET CLI11::CLI11 DEBIAN libcli11-dev ARGS CONFIG PURPOSE "command line")
lop_find(PNG TARGET PNG::PNG DEBIAN libpng-dev PURPOSE "images")
# FFTW is under the GPL: so are programs that are given away with it. Without it, Eigen transforms.
option(LOP_FFTW "Fourier transforms by FFTW where it is found (GPL), else by Eigen's kissfft" ON)
set(LOP_HAVE_FFTW OFF)
if(LOP_FFTW)
    find_package(PkgConfig QUIET)
    if(PkgConfig_FOUND)
        pkg_check_modules(FFTW QUIET IMPORTED_TARGET fftw3 fftw3f)
    endif()
    if(TARGET PkgConfig::FFTW)
        set(LOP_HAVE_FFTW ON)
        lop_note_dependency(FFTW "${FFTW_fftw3_VERSION}" "fast Fourier transforms (GPL)")
    else()
        lop_note_dependency(FFTW - "faster Fourier transforms than Eigen's (libfftw3-dev, GPL)")
    endif()
else()
    lop_note_dependency(FFTW - "not asked for (LOP_FFTW): Eigen's Fourier transforms")
endif()
option(LOP_HYPRE "Multigrid for sparse matrices by hypre where it is found" ON)
set(LOP_HAVE_HYPRE OFF)
if(LOP_HYPRE)
    lop_find(HYPRE OPTIONAL TARGET HYPRE::HYPRE DEBIAN libhypre-dev NAME hypre ARGS MODULE
        PURPOSE "multigrid for sparse matrices")
    if(TARGET HYPRE::HYPRE)
        set(LOP_HAVE_HYPRE ON)
    endif()
else()
    lop_note_dependency(hypre - "not asked for (LOP_HYPRE): no multigrid for sparse matrices")
endif()
if(LOP_TESTS)
    lop_find(doctest TARGET doctest::doctest DEBIAN doctest-dev ARGS CONFIG PURPOSE "tests")
endif()

if(LOP_TESTS)
    lop_find(benchmark OPTIONAL TARGET benchmark::benchmark DEBIAN libbenchmark-dev ARGS CONFIG
        PURPOSE "benchmarks")
endif()
if(LOP_CUDA)
    list(JOIN CMAKE_CUDA_ARCHITECTURES " " architectures)
    lop_note_dependency(CUDA "${CUDAToolkit_VERSION}" "devices (sm ${architectures})")
else()
    lop_note_dependency(CUDA - "devices (ask with -DLOP_CUDA=ON)")
endif()
foreach(tool ccache mold)
    string(TOUPPER ${tool} upper)
    if(LOP_${upper} AND LOP_${upper}_PROGRAM)
        lop_note_dependency(${tool} found "faster builds")
    else()
        lop_note_dependency(${tool} - "faster builds (${tool})")
    endif()
endforeach()

# Prints what was found and what kind of build this is.
function(lop_print_summary)
    get_property(rows GLOBAL PROPERTY lop_dependencies)
    list(JOIN rows "\n" rows)
    if(LOP_NATIVE)
        set(kind "native: every instruction of this processor, not for others")
    else()
        string(CONCAT kind "portable: any ${CMAKE_SYSTEM_PROCESSOR}, "
            "wave kernels chosen at run time; -DLOP_NATIVE=ON tunes the rest")
    endif()
    message(STATUS "lop ${PROJECT_VERSION}, ${CMAKE_BUILD_TYPE}, ${CMAKE_CXX_COMPILER_ID} "
        "${CMAKE_CXX_COMPILER_VERSION}, ${kind}\n${rows}")
endfunction()
