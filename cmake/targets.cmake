# warpframe_sources(<variable> <folder>...): the .cc files directly in folders below native/. New files need no edit here.
function(warpframe_sources variable)
  set(found)
  foreach(folder IN LISTS ARGN)
    file(GLOB files CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/native/${folder}/*.cc)
    list(APPEND found ${files})
  endforeach()
  set(${variable} ${found} PARENT_SCOPE)
endfunction()

# warpframe_library(<name> STATIC|OBJECT|SHARED <folder>...): a target from folders, left out while they are empty.
function(warpframe_library name kind)
  warpframe_sources(sources ${ARGN})
  if(NOT sources)
    return()
  endif()
  add_library(${name} ${kind} ${sources})
  target_link_libraries(${name} PUBLIC warpframe_options)
endfunction()

# warpframe_link_if(<target> <library>...): links those libraries that exist.
function(warpframe_link_if target)
  foreach(library IN LISTS ARGN)
    if(TARGET ${library})
      target_link_libraries(${target} PRIVATE ${library})
    endif()
  endforeach()
endfunction()
