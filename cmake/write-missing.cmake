# Run with cmake -P: writes the assembly of warpframe_missing(). NM EXPORTS LIBRARY OBJECTS OUT are given.
cmake_minimum_required(VERSION 3.24...3.31)
list(FILTER OBJECTS INCLUDE REGEX "\\.o(bj)?$")  # a precompiled header is listed as well
set(needed "")
set(own "")
if(OBJECTS)
  execute_process(COMMAND ${NM} --defined-only --format=just-symbols ${OBJECTS} OUTPUT_VARIABLE own COMMAND_ERROR_IS_FATAL ANY)
  execute_process(COMMAND ${NM} -u --format=just-symbols ${OBJECTS} OUTPUT_VARIABLE needed COMMAND_ERROR_IS_FATAL ANY)
endif()
# The host library may call what it does not define, through NVIDIA's inline code.
execute_process(COMMAND ${NM} -D -u --format=just-symbols ${LIBRARY} OUTPUT_VARIABLE needed_by_library COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${NM} -D --defined-only --format=just-symbols ${LIBRARY} OUTPUT_VARIABLE defined COMMAND_ERROR_IS_FATAL ANY)
file(STRINGS ${EXPORTS} exported)
foreach(names needed needed_by_library defined own)
  string(REGEX MATCHALL "[^\n]+" ${names} "${${names}}")
  list(FILTER ${names} INCLUDE REGEX "^[A-Za-z_][^:]*$")
endforeach()
list(FILTER exported INCLUDE REGEX "^_Z")
list(APPEND needed ${needed_by_library})
list(REMOVE_DUPLICATES needed)
list(FILTER needed INCLUDE REGEX "(4cudf|3rmm)")
list(REMOVE_ITEM needed ${defined} ${own})

set(text "")
set(names "")
set(data "")
foreach(symbol IN LISTS needed)
  if(NOT symbol IN_LIST exported)
    # The linker names what is missing of ours; its parameters may well be libcudf's.
    if(symbol MATCHES "^_ZN?[KVRO]*(4cudf|3rmm)")
      message(SEND_ERROR "NVIDIA's libraries do not export ${symbol}")
    endif()
  elseif(symbol MATCHES "^_Z(TV|TI|TS|GV|TT)")
    list(APPEND data ${symbol})
  else()
    list(APPEND names ${symbol})
  endif()
endforeach()
if(data)
  list(JOIN data "\n  " lines)
  message(WARNING "The host libcudf lacks data that no function can stand for; the engine library will not open:\n  ${lines}")
endif()
foreach(symbol IN LISTS names)
  string(APPEND text "MISSING ${symbol}\n")
endforeach()
list(LENGTH names count)
message(STATUS "${count} functions of libcudf are missing on the host")
file(WRITE ${OUT}.new "#if defined(__aarch64__)
#define TELL adrp x0, 9f; add x0, x0, :lo12:9f; b host_cudf_missing
#else
#define TELL leaq 9f(%rip), %rdi; jmp host_cudf_missing@PLT
#endif
	.text
	.macro MISSING name
	.globl \\name
	.type \\name, %function
\\name:	TELL
9:	.asciz \"\\name\"
	.balign 4
	.endm
${text}	.section .note.GNU-stack,\"\",%progbits
")
file(RENAME ${OUT}.new ${OUT})
