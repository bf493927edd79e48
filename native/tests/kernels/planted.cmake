# Faults planted into copies of the kernels: each copy must fail its test. A copy differs from the source in one place, and
# that the place was found is checked here.
#   thread    a barrier is gone, or an atomic     ThreadSanitizer says race; without it results are wrong at some schedule
#   address   a shared array is one column short  AddressSanitizer
#   any       wrong results in every build
# warpframe_planted(<name> <source.cu> <case> <how it shows> <nth> <from> <to>)
function(warpframe_planted name source case shows nth from to)
  if((shows STREQUAL "thread" OR shows STREQUAL "address") AND NOT WARPFRAME_SANITIZE MATCHES ${shows})
    return()
  endif()
  file(READ ${kernels}/${source} text)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${kernels}/${source})
  set(before "")
  foreach(i RANGE 1 ${nth})
    string(FIND "${text}" "${from}" at)
    if(at EQUAL -1)
      message(FATAL_ERROR "planted ${name}: '${from}' is not ${nth} times in ${source}; plant the fault elsewhere")
    endif()
    if(i EQUAL nth)
      break()
    endif()
    string(LENGTH "${from}" length)
    math(EXPR next "${at} + ${length}")
    string(SUBSTRING "${text}" 0 ${next} head)
    string(SUBSTRING "${text}" ${next} -1 text)
    string(APPEND before "${head}")
  endforeach()
  string(LENGTH "${from}" length)
  math(EXPR next "${at} + ${length}")
  string(SUBSTRING "${text}" 0 ${at} head)
  string(SUBSTRING "${text}" ${next} -1 tail)
  set(copy ${CMAKE_CURRENT_BINARY_DIR}/planted/${name}.cu)
  file(CONFIGURE OUTPUT ${copy} CONTENT "${before}${head}${to}${tail}" @ONLY)

  # The program has the planted object itself; the library's own object of that name is then not taken.
  set_source_files_properties(${copy} PROPERTIES LANGUAGE CXX COMPILE_OPTIONS "-xc++;-Wno-unknown-pragmas")
  warpframe_kernel_program(planted_${name} kernels_test.cc ${copy})
  target_link_libraries(planted_${name} PRIVATE warpframe_kernel_cases warpframe_kernels)
  add_test(NAME planted_${name} COMMAND ${CMAKE_COMMAND} -DPROGRAM=$<TARGET_FILE:planted_${name}> -DCASE=${case}
    -DSHOWS=${shows} -P ${CMAKE_CURRENT_SOURCE_DIR}/expect-failure.cmake)
endfunction()

set(barrier "__syncthreads();")
# Missing barriers: the tile is read before it is whole, and overwritten before it was read.
warpframe_planted(matrix_read matrix.cu matrix thread 1 "${barrier}" "")
warpframe_planted(matrix_overwrite matrix.cu matrix thread 2 "${barrier}" "")
warpframe_planted(neighbors_read neighbors.cu neighbors thread 2 "${barrier}" "")
warpframe_planted(neighbors_overwrite neighbors.cu neighbors thread 1 "${barrier}" "")
warpframe_planted(radix_scan permutation.cu permutation thread 3 "${barrier}" "")
warpframe_planted(counts_open counts.cu confusion thread 1 "${barrier}" "")
warpframe_planted(counts_lost_update counts.cu confusion thread 1 "atomicAdd(&table.counts[cell], rows)" "table.counts[cell] += rows")
warpframe_planted(result_lost_update counts.cu confusion thread 1 "atomicAdd(&result[i], sum)" "result[i] += sum")
# Writes past shared memory and past the result.
warpframe_planted(matrix_overrun matrix.cu matrix address 1 "[kTileRows][kTileColumns + 1]" "[kTileRows - 1][kTileColumns + 1]")
warpframe_planted(forest_overrun forest.cu forest.predict address 1 "std::uint64_t{rows.features};" "(std::uint64_t{rows.features} - 1);")
warpframe_planted(result_overrun matrix.cu matrix address 1 "if (row >= a.rows) break;" "if (row > a.rows) break;")
# In every build.
warpframe_planted(fiber_read matrix.cu matrix any 1 "${barrier}" "")
warpframe_planted(divergent counts.cu confusion any 1 "${barrier}" "if (threadIdx.x < 7) ${barrier}")
warpframe_planted(early_exit matrix.cu matrix any 1 "if (!a.row_major) continue;" "if (!a.row_major || threadIdx.x == 5) return;")
warpframe_planted(tie_order neighbors.cu neighbors any 1 "distances[at - 1] > distance" "distances[at - 1] >= distance")
warpframe_planted(fewer_passes permutation.cu golden any 1 "kPasses = 7" "kPasses = 5")
