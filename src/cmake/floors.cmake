# Makes the libraries of the floors: lop::core, lop::algebra and so on.
include_guard(GLOBAL)

# lop_add_floor(<floor> [FOLDER <dir>] [USES <floors>...] [PUBLIC <libs>...] [PRIVATE <libs>...])
#
# Makes lop_<floor>, alias lop::<floor>, from every *.cpp (and *.cu with LOP_CUDA) under FOLDER, by
# default the current one. A floor without sources is an INTERFACE library. USES names the floors
# below, PUBLIC what the public headers include, PRIVATE what only the sources do.
function(lop_add_floor floor)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "FOLDER" "USES;PUBLIC;PRIVATE")
    if(NOT arg_FOLDER)
        set(arg_FOLDER ${CMAKE_CURRENT_SOURCE_DIR})
    endif()
    set(target lop_${floor})
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${arg_FOLDER}/*.cpp)
    if(LOP_CUDA)
        file(GLOB_RECURSE device_sources CONFIGURE_DEPENDS ${arg_FOLDER}/*.cu)
        list(APPEND sources ${device_sources})
    endif()
    lop_choose_instruction_sets(sources)

    list(TRANSFORM arg_USES PREPEND lop::)
    if(sources)
        add_library(${target} ${sources})
        set(scope PUBLIC)
        lop_set_warnings(${target})
        target_link_libraries(${target} PRIVATE ${arg_PRIVATE})
        target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}) # "operators/wave/stencil.hpp"
    else()
        add_library(${target} INTERFACE)
        set(scope INTERFACE)
    endif()
    add_library(lop::${floor} ALIAS ${target})
    set_target_properties(${target} PROPERTIES EXPORT_NAME ${floor})
    target_compile_features(${target} ${scope} cxx_std_20)
    target_include_directories(${target} ${scope}
        $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:include>)
    target_link_libraries(${target} ${scope} ${arg_USES} ${arg_PUBLIC})
    set_property(GLOBAL APPEND PROPERTY lop_floors ${target})
endfunction()

# lop_link(<floor> <PUBLIC|PRIVATE> <libs>...): adds libraries to a floor, with or without sources.
function(lop_link floor scope)
    get_target_property(type lop_${floor} TYPE)
    if(NOT type STREQUAL INTERFACE_LIBRARY)
        target_link_libraries(lop_${floor} ${scope} ${ARGN})
    elseif(scope STREQUAL PUBLIC)
        target_link_libraries(lop_${floor} INTERFACE ${ARGN})
    endif()
endfunction()

# lop_define(<floor> <PUBLIC|PRIVATE> <definitions>...): the same for compile definitions.
function(lop_define floor scope)
    get_target_property(type lop_${floor} TYPE)
    if(NOT type STREQUAL INTERFACE_LIBRARY)
        target_compile_definitions(lop_${floor} ${scope} ${ARGN})
    elseif(scope STREQUAL PUBLIC)
        target_compile_definitions(lop_${floor} INTERFACE ${ARGN})
    endif()
endfunction()

# lop_choose_instruction_sets(<variable>)
#
# Sources named *_avx2.cpp and *_avx512.cpp hold the kernels of one instruction set. On x86-64 they
# are compiled for x86-64-v3 (AVX2 and FMA) and x86-64-v4 (AVX-512), whatever the rest is compiled
# for, and a dispatcher chooses among them at run time; elsewhere they leave the list.
#
# Such a source may only define what no other source defines (a namespace of the set's own, or
# internal linkage), and must instantiate no template and no inline function that others use too:
# the linker keeps one copy, and it might be the one that this processor cannot run.
function(lop_choose_instruction_sets variable)
    set(chosen ${${variable}})
    if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|amd64|AMD64)$")
        foreach(source IN LISTS chosen)
            if(source MATCHES "_avx2\\.cpp$")
                set_property(SOURCE ${source} APPEND PROPERTY COMPILE_OPTIONS
                    -march=x86-64-v3 -ffp-contract=fast)
            elseif(source MATCHES "_avx512\\.cpp$")
                set_property(SOURCE ${source} APPEND PROPERTY COMPILE_OPTIONS
                    -march=x86-64-v4 -ffp-contract=fast)
            endif()
        endforeach()
    else()
        list(FILTER chosen EXCLUDE REGEX "_avx(2|512)\\.cpp$")
    endif()
    set(${variable} ${chosen} PARENT_SCOPE)
endfunction()
