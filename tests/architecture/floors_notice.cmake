# Builds small houses in SCRATCH, a sound one and others with one forbidden include each, and expects
# floors.cmake to tell them apart.
cmake_minimum_required(VERSION 3.25)

function(judge file include)
    file(REMOVE_RECURSE ${SCRATCH})
    file(WRITE ${SCRATCH}/include/lop/core/fine.hpp "#include <vector>\n")
    file(WRITE ${SCRATCH}/operators/secret.hpp "")
    file(WRITE ${SCRATCH}/${file} "#include ${include}\n")
    execute_process(
        COMMAND ${CMAKE_COMMAND} -D ROOT=${SCRATCH} -P ${CMAKE_CURRENT_LIST_DIR}/floors.cmake
        RESULT_VARIABLE status ERROR_VARIABLE text OUTPUT_VARIABLE text)
    set(status ${status} PARENT_SCOPE)
    set(text "${text}" PARENT_SCOPE)
endfunction()

function(expect_pass file include)
    judge(${file} ${include})
    if(NOT status EQUAL 0)
        message(SEND_ERROR "${file} may include ${include} but was refused:\n${text}")
    endif()
endfunction()

function(expect_refusal file include sentence)
    judge(${file} ${include})
    string(FIND "${text}" "${sentence}" position)
    if(status EQUAL 0 OR position EQUAL -1)
        message(SEND_ERROR "${file} includes ${include} and was not refused with: ${sentence}\n${text}")
    endif()
endfunction()

expect_pass(operators/wave/step.cpp "<lop/seismic/geometry.hpp>")
expect_pass(operators/wave/step.cpp "\"operators/secret.hpp\"")
expect_pass(operators/wave.cpp "\"secret.hpp\"")
expect_refusal(include/lop/core/up.hpp "<lop/algebra/space.hpp>" "core may not see algebra")
expect_refusal(solvers/lsqr.cpp "<lop/distributed/array.hpp>" "solvers may not see distributed")
expect_refusal(operators/wave/step.cu "<lop/io/segy.hpp>" "operators may not see io")
expect_refusal(io/segy.cpp "\"../operators/secret.hpp\"" "is no private header of io")
expect_refusal(src/seismic/model.cpp "<lop/lop.hpp>" "no floor may include all of lop")
