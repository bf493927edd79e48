# Run with cmake -P: PROGRAM must fail its CASE at one of a few schedules; how it fails is printed.
foreach(seed RANGE 0 3)
  execute_process(COMMAND ${CMAKE_COMMAND} -E env WARPFRAME_SIM_SEED=${seed} ${PROGRAM} --only ${CASE}
    RESULT_VARIABLE code OUTPUT_VARIABLE output ERROR_VARIABLE errors)
  if(NOT code EQUAL 0)
    string(REGEX MATCH "(WARNING: ThreadSanitizer: [^\n]*|ERROR: AddressSanitizer: [^\n]*|[^\n]*: runtime error: [^\n]*|\"note\":[^\n]*)" how "${errors}${output}")
    if(NOT how)
      message(FATAL_ERROR "${PROGRAM} ended with ${code} for another reason:\n${output}${errors}")
    endif()
    message(STATUS "seed ${seed}: ${how}")
    return()
  endif()
endforeach()
message(FATAL_ERROR "The planted fault in ${PROGRAM} was not noticed:\n${output}")
