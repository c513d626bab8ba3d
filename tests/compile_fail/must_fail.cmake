# Compiles SOURCE twice: it must pass, and with LOP_MUST_FAIL fail with the sentences it expects.
cmake_minimum_required(VERSION 3.25)

file(STRINGS ${SOURCE} lines REGEX "^// expect: ")
if(NOT lines)
    message(FATAL_ERROR "${SOURCE} has no line `// expect: <part of the compiler's message>`")
endif()

execute_process(COMMAND ${COMPILER} @${FLAGS} -fsyntax-only ${SOURCE}
    RESULT_VARIABLE status OUTPUT_VARIABLE text ERROR_VARIABLE text)
if(NOT status EQUAL 0)
    message(FATAL_ERROR "without LOP_MUST_FAIL it must compile, and does not:\n${text}")
endif()

execute_process(COMMAND ${COMPILER} @${FLAGS} -fsyntax-only -DLOP_MUST_FAIL ${SOURCE}
    RESULT_VARIABLE status OUTPUT_VARIABLE text ERROR_VARIABLE text)
if(status EQUAL 0)
    message(FATAL_ERROR "with LOP_MUST_FAIL it must not compile, and does")
endif()
foreach(line IN LISTS lines)
    string(REGEX REPLACE "^// expect: " "" sentence "${line}")
    string(FIND "${text}" "${sentence}" position)
    if(position EQUAL -1)
        message(FATAL_ERROR "the compiler does not say `${sentence}` but:\n${text}")
    endif()
endforeach()
