# Compiler and linker flags: what every target of the project gets, and how the build is called.
include_guard(GLOBAL)

set(lop_warnings -Wall -Wextra -Wpedantic -Wshadow)
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    # False alarms after inlining: "text" + std::string (GCC bug 105651), vectors of constants.
    list(APPEND lop_warnings -Wno-restrict -Wno-stringop-overflow)
    if(LOP_SANITIZE) # in instrumented std::regex
        list(APPEND lop_warnings -Wno-maybe-uninitialized)
    endif()
endif()
if(LOP_WERROR)
    list(APPEND lop_warnings -Werror)
endif()

# The C++ bindings of old MPI headers would drag in a second library and its warnings.
add_compile_definitions(OMPI_SKIP_MPICXX=1 MPICH_SKIP_MPICXX=1)

if(LOP_NATIVE)
    # A value must not depend on whether the vector body of a loop or its remainder computed it, or
    # results would change with the cut of an array: no contraction into fused multiply-add, no
    # vectors across statements. The wave kernels have no remainders and keep both.
    add_compile_options($<$<COMPILE_LANGUAGE:C,CXX>:-march=native>
        $<$<COMPILE_LANGUAGE:C,CXX>:-ffp-contract=off>
        $<$<AND:$<COMPILE_LANGUAGE:C,CXX>,$<CXX_COMPILER_ID:GNU>>:-fno-tree-slp-vectorize>)
    set(lop_build_kind native)
else()
    set(lop_build_kind portable)
endif()

if(LOP_SANITIZE)
    add_compile_options($<$<COMPILE_LANGUAGE:C,CXX>:-fsanitize=${LOP_SANITIZE}>
        $<$<COMPILE_LANGUAGE:C,CXX>:-fno-omit-frame-pointer>
        $<$<COMPILE_LANGUAGE:C,CXX>:-fno-sanitize-recover=all>)
    add_link_options(-fsanitize=${LOP_SANITIZE})
    # Eigen's packets load complex floats as doubles, which are aligned otherwise. For all of the build
    # alike: how Eigen allocates depends on it.
    add_compile_definitions(EIGEN_DONT_VECTORIZE)
endif()
if(LOP_COVERAGE)
    add_compile_options($<$<COMPILE_LANGUAGE:C,CXX>:--coverage>
        $<$<COMPILE_LANGUAGE:C,CXX>:-fprofile-update=atomic>)
    add_link_options(--coverage)
endif()

if(LOP_CCACHE)
    find_program(LOP_CCACHE_PROGRAM ccache)
    mark_as_advanced(LOP_CCACHE_PROGRAM)
    if(LOP_CCACHE_PROGRAM)
        foreach(language C CXX CUDA)
            if(NOT CMAKE_${language}_COMPILER_LAUNCHER)
                set(CMAKE_${language}_COMPILER_LAUNCHER ${LOP_CCACHE_PROGRAM})
            endif()
        endforeach()
    endif()
endif()
if(LOP_MOLD)
    find_program(LOP_MOLD_PROGRAM mold)
    mark_as_advanced(LOP_MOLD_PROGRAM)
    include(CheckLinkerFlag)
    if(LOP_MOLD_PROGRAM)
        check_linker_flag(CXX -fuse-ld=mold LOP_MOLD_WORKS)
    endif()
    if(LOP_MOLD_PROGRAM AND LOP_MOLD_WORKS)
        add_link_options(-fuse-ld=mold)
    endif()
endif()

# Gives a target the project's warnings; a user who links to lop does not inherit them.
function(lop_set_warnings target)
    target_compile_options(${target} PRIVATE "$<$<COMPILE_LANGUAGE:CXX>:${lop_warnings}>")
    if(LOP_CUDA) # -Wpedantic objects to the line directives that nvcc writes itself
        target_compile_options(${target} PRIVATE
            "$<$<COMPILE_LANGUAGE:CUDA>:-Xcompiler=-Wall,-Wextra,-Wno-unknown-pragmas>")
    endif()
endfunction()
