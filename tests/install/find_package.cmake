# Installs BUILD under SCRATCH, then configures, builds and runs PROJECT against it, as a user would.
cmake_minimum_required(VERSION 3.25)

function(run)
    execute_process(COMMAND ${ARGN} RESULT_VARIABLE status OUTPUT_VARIABLE text ERROR_VARIABLE text)
    if(NOT status EQUAL 0)
        list(JOIN ARGN " " command)
        message(FATAL_ERROR "${command}\n${text}")
    endif()
    set(output "${text}" PARENT_SCOPE)
endfunction()

file(REMOVE_RECURSE ${SCRATCH})
run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${SCRATCH}/prefix)
run(${CMAKE_COMMAND} -S ${PROJECT} -B ${SCRATCH}/build -G ${GENERATOR} -D CMAKE_BUILD_TYPE=Debug
    -D CMAKE_PREFIX_PATH=${SCRATCH}/prefix -D CMAKE_CXX_COMPILER=${COMPILER}
    "-DCMAKE_CXX_FLAGS=${FLAGS}")
run(${CMAKE_COMMAND} --build ${SCRATCH}/build)
separate_arguments(LAUNCHER)
run(${LAUNCHER} ${SCRATCH}/build/user)
string(FIND "${output}" "lop was found" position)
if(position EQUAL -1)
    message(FATAL_ERROR "the user's program says:\n${output}")
endif()
