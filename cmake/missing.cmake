# warpframe_missing(<name> <libcudf> [<objects>]): a library of functions that throw by name, one for every function of
# NVIDIA's libraries that the objects need and the host libcudf has not got yet.
enable_language(ASM)

function(warpframe_missing name library)
  set(objects ${ARGN})
  set(exports ${PROJECT_BINARY_DIR}/wheel-exports.txt)
  if(NOT EXISTS ${exports} OR ${WARPFRAME_SITE}/libcudf/VERSION IS_NEWER_THAN ${exports})
    execute_process(COMMAND ${CMAKE_NM} -D --defined-only --format=just-symbols ${WARPFRAME_RAPIDS_LIBRARIES}
      OUTPUT_FILE ${exports} COMMAND_ERROR_IS_FATAL ANY)
  endif()
  set(assembly ${CMAKE_CURRENT_BINARY_DIR}/${name}.S)
  add_custom_command(OUTPUT ${assembly}
    COMMAND ${CMAKE_COMMAND} -DNM=${CMAKE_NM} -DEXPORTS=${exports} -DLIBRARY=$<TARGET_FILE:${library}>
      "-DOBJECTS=${objects}" -DOUT=${assembly} -P ${PROJECT_SOURCE_DIR}/cmake/write-missing.cmake
    DEPENDS ${library} ${objects} ${PROJECT_SOURCE_DIR}/cmake/write-missing.cmake
    COMMENT "Functions that the host libcudf has not got" VERBATIM)
  add_library(${name} SHARED ${PROJECT_SOURCE_DIR}/native/sim/missing/missing.cc ${assembly})
  set_target_properties(${name} PROPERTIES LINKER_LANGUAGE CXX)
  target_link_libraries(${name} PRIVATE warpframe_options)
endfunction()
