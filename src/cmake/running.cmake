# Runs programs under MPI as tests: the launcher, its environment, and the helpers that use them.
include_guard(GLOBAL)

set(LOP_DATA_DIR "" CACHE PATH "Folder of public data; by default $LOP_DATA or ../shared/data")
set(lop_data_dir "${LOP_DATA_DIR}")
if(NOT lop_data_dir AND DEFINED ENV{LOP_DATA})
    set(lop_data_dir "$ENV{LOP_DATA}")
endif()
if(NOT lop_data_dir)
    get_filename_component(lop_data_dir ${PROJECT_SOURCE_DIR}/../shared/data ABSOLUTE)
endif()
if(NOT IS_DIRECTORY "${lop_data_dir}")
    set(lop_data_dir "")
endif()

# Open MPI: root may run (containers), and more ranks than cores share them politely.
set(lop_run_environment
    OMPI_ALLOW_RUN_AS_ROOT=1
    OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
    OMPI_MCA_rmaps_base_oversubscribe=1
    PRTE_MCA_rmaps_default_mapping_policy=:oversubscribe # the same from Open MPI 5 on
    OMPI_MCA_mpi_yield_when_idle=1
    OMPI_MCA_hwloc_base_binding_policy=none
    OMP_WAIT_POLICY=passive
    "LOP_DATA=${lop_data_dir}"
)
set(lop_run_timeout 300)
if(LOP_SANITIZE OR LOP_COVERAGE)
    set(lop_run_timeout 1200)
    list(APPEND lop_run_environment
        ASAN_OPTIONS=fast_unwind_on_malloc=0:allocator_may_return_null=1
        LSAN_OPTIONS=suppressions=${PROJECT_SOURCE_DIR}/tests/architecture/leaks.supp:print_suppressions=0
        UBSAN_OPTIONS=print_stacktrace=1
    )
endif()

# lop_add_run(<name> COMMAND <program> <args>... [RANKS <n>] [THREADS <n>] [LABELS <labels>...]
#             [TIMEOUT <seconds>] [WORKING_DIRECTORY <dir>] [ENVIRONMENT <NAME=value>...])
#
# One ctest entry; with RANKS under mpiexec, without it as a plain process. THREADS is
# OMP_NUM_THREADS, by default 2 for a single process and 1 for each of several ranks.
function(lop_add_run name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "RANKS;THREADS;TIMEOUT;WORKING_DIRECTORY"
        "COMMAND;LABELS;ENVIRONMENT")
    set(launcher "")
    set(processors 1)
    if(arg_RANKS)
        set(launcher ${MPIEXEC_EXECUTABLE} ${MPIEXEC_NUMPROC_FLAG} ${arg_RANKS} ${MPIEXEC_PREFLAGS})
        set(processors ${arg_RANKS})
    endif()
    if(NOT arg_THREADS)
        set(arg_THREADS 1)
        if(processors EQUAL 1)
            set(arg_THREADS 2)
        endif()
    endif()
    if(NOT arg_TIMEOUT)
        set(arg_TIMEOUT ${lop_run_timeout})
    endif()
    if(NOT arg_WORKING_DIRECTORY)
        set(arg_WORKING_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR})
    endif()
    list(POP_FRONT arg_COMMAND program)
    if(TARGET ${program})
        set(program $<TARGET_FILE:${program}>)
    endif()
    add_test(NAME ${name} COMMAND ${launcher} ${program} ${arg_COMMAND}
        WORKING_DIRECTORY ${arg_WORKING_DIRECTORY})
    set_tests_properties(${name} PROPERTIES
        ENVIRONMENT "${lop_run_environment};OMP_NUM_THREADS=${arg_THREADS};${arg_ENVIRONMENT}"
        LABELS "${arg_LABELS}"
        PROCESSORS ${processors}
        TIMEOUT ${arg_TIMEOUT}
        SKIP_RETURN_CODE 77
    )
endfunction()

# lop_add_test(<name> SOURCES <files>... [LABELS <labels>...] [RANKS <n>...] [LIBS <libs>...]
#              [TIMEOUT <seconds>] [OWN_MAIN] [DATA])
#
# One doctest executable test_<name> with the shared main, and one ctest entry: <name>, or with RANKS
# one for each count: <name>.np1, <name>.np2 ... Entries of several ranks carry the label mpi too.
# OWN_MAIN leaves the shared main out. DATA runs the suite "public data" apart, as data.<name> with the
# label data; without the data it is skipped, and says so.
function(lop_add_test name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "OWN_MAIN;DATA" "TIMEOUT" "SOURCES;LABELS;RANKS;LIBS")
    set(target test_${name})
    add_executable(${target} ${arg_SOURCES})
    lop_set_warnings(${target})
    set_target_properties(${target} PROPERTIES
        RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
    target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/tests ${PROJECT_SOURCE_DIR})
    target_link_libraries(${target} PRIVATE ${arg_LIBS} $<TARGET_NAME_IF_EXISTS:lop_test_support>
        doctest::doctest)
    if(NOT arg_OWN_MAIN)
        target_link_libraries(${target} PRIVATE lop_test_main)
    endif()
    target_compile_definitions(${target} PRIVATE LOP_TEST_DATA="${lop_data_dir}")
    if(arg_DATA)
        set(only "--test-suite=public data")
        set(others "--test-suite-exclude=public data")
        if(lop_data_dir)
            set(ranks "")
            if(arg_RANKS)
                list(GET arg_RANKS 0 ranks)
            endif()
            lop_add_run(data.${name} COMMAND ${target} ${only} RANKS ${ranks} LABELS data
                TIMEOUT ${arg_TIMEOUT})
        else()
            lop_add_run(data.${name} LABELS data COMMAND sh -c
                "echo 'skipped: no public data (set LOP_DATA to their folder)' && exit 77")
        endif()
    endif()
    if(NOT arg_RANKS)
        lop_add_run(${name} COMMAND ${target} ${others} LABELS ${arg_LABELS} TIMEOUT ${arg_TIMEOUT})
        return()
    endif()
    foreach(ranks IN LISTS arg_RANKS)
        set(labels ${arg_LABELS})
        if(ranks GREATER 1)
            list(APPEND labels mpi)
        endif()
        # mpiexec gives its ranks a terminal, and doctest would colour it.
        lop_add_run(${name}.np${ranks} COMMAND ${target} --no-colors=1 ${others} RANKS ${ranks}
            LABELS ${labels} TIMEOUT ${arg_TIMEOUT})
    endforeach()
endfunction()
