# Finds the CUDA toolkit when LOP_CUDA is on, and teaches CMake 3.25 CUDA C++20.
include_guard(GLOBAL)
if(NOT LOP_CUDA)
    return()
endif()

# check_language looks on PATH only; the toolkit usually is not there.
if(NOT CMAKE_CUDA_COMPILER AND NOT DEFINED ENV{CUDACXX})
    find_program(LOP_NVCC nvcc HINTS ENV CUDA_HOME ENV CUDA_PATH
        PATHS /usr/local/cuda /opt/cuda PATH_SUFFIXES bin)
    mark_as_advanced(LOP_NVCC)
    if(NOT LOP_NVCC)
        message(FATAL_ERROR "LOP_CUDA is on but nvcc was not found: install the CUDA toolkit, "
            "point CUDA_HOME at it, or configure with -DLOP_CUDA=OFF.")
    endif()
    set(CMAKE_CUDA_COMPILER ${LOP_NVCC})
endif()
# `native` would need a device at build time; 80 serves A100, 90 H100 and H200 and, as PTX, later ones.
if(NOT DEFINED CMAKE_CUDA_ARCHITECTURES)
    set(CMAKE_CUDA_ARCHITECTURES "80-real;90" CACHE STRING "Device architectures")
endif()

enable_language(CUDA)
if(NOT DEFINED CMAKE_CUDA20_STANDARD_COMPILE_OPTION OR CMAKE_CUDA20_STANDARD_COMPILE_OPTION STREQUAL "")
    set(CMAKE_CUDA20_STANDARD_COMPILE_OPTION -std=c++20)
    set(CMAKE_CUDA20_EXTENSION_COMPILE_OPTION -std=c++20)
endif()
set(CMAKE_CUDA_STANDARD 20)
set(CMAKE_CUDA_STANDARD_REQUIRED ON)
set(CMAKE_CUDA_EXTENSIONS OFF)
find_package(CUDAToolkit REQUIRED)
