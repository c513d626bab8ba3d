# Targets format, format_check (a test too, where the tool is there) and lint, with the fixed
# versions of the tools, and coverage.
# Debian packages: clang-format-19, clang-tidy-19 with libomp-19-dev (its omp.h), gcovr.
include_guard(GLOBAL)
find_program(LOP_CLANG_FORMAT clang-format-19)
find_program(LOP_RUN_CLANG_TIDY run-clang-tidy-19)
find_program(LOP_GCOVR gcovr)
mark_as_advanced(LOP_CLANG_FORMAT LOP_RUN_CLANG_TIDY LOP_GCOVR)

set(folders include src operators solvers distributed io tests examples)
if(LOP_CLANG_FORMAT)
    # At build time, so that a new file needs no new configure.
    list(JOIN folders " " where)
    set(files "find ${where} -name '*.hpp' -o -name '*.cpp' -o -name '*.cu' -o -name '*.cuh'")
    add_custom_target(format WORKING_DIRECTORY ${PROJECT_SOURCE_DIR} VERBATIM
        COMMAND sh -c "${files} | xargs ${LOP_CLANG_FORMAT} -i")
    add_custom_target(format_check WORKING_DIRECTORY ${PROJECT_SOURCE_DIR} VERBATIM
        COMMAND sh -c "${files} | xargs ${LOP_CLANG_FORMAT} --dry-run --Werror")
    if(LOP_TESTS)
        lop_add_run(architecture.format LABELS architecture
            COMMAND ${CMAKE_COMMAND} --build ${PROJECT_BINARY_DIR} --target format_check)
    endif()
endif()
if(LOP_RUN_CLANG_TIDY)
    add_custom_target(lint WORKING_DIRECTORY ${PROJECT_SOURCE_DIR} VERBATIM
        COMMAND ${LOP_RUN_CLANG_TIDY} -quiet -p ${PROJECT_BINARY_DIR} "^${PROJECT_SOURCE_DIR}/.*[.]cpp$")
endif()
if(LOP_COVERAGE AND LOP_GCOVR)
    add_custom_target(coverage WORKING_DIRECTORY ${PROJECT_SOURCE_DIR} VERBATIM
        COMMAND ${LOP_GCOVR} --root . --filter include/ --filter src/ --filter operators/
            --filter solvers/ --filter distributed/ --filter io/ ${PROJECT_BINARY_DIR})
endif()
