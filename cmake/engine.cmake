# The engine library of libcudf: plan/ → exec/ → libcudf calls, behind engine/engine.h.
warpframe_library(warpframe_plan STATIC plan util)
if(WARPFRAME_VARIANT STREQUAL "none")
  return()
endif()

# Compiled once. In the simulated build the same object files are linked with both libcudfs.
warpframe_library(warpframe_exec OBJECT exec engine)
if(TARGET warpframe_exec)
  target_link_libraries(warpframe_exec PUBLIC warpframe_rapids_headers)
  target_precompile_headers(warpframe_exec PRIVATE ${PROJECT_SOURCE_DIR}/native/exec/precompiled.hh)
endif()

# warpframe_engine(<target> <libcudf>...): libwarpframe_cudf.so over one libcudf.
function(warpframe_engine name)
  add_library(${name} SHARED $<TARGET_OBJECTS:warpframe_exec>)
  set_target_properties(${name} PROPERTIES OUTPUT_NAME warpframe_cudf LINKER_LANGUAGE CXX)
  target_link_libraries(${name} PRIVATE warpframe_options ${ARGN})
  warpframe_link_if(${name} warpframe_plan warpframe_kernels)
  target_link_options(${name} PRIVATE LINKER:--exclude-libs,ALL LINKER:-z,relro,-z,now)
endfunction()

# The addon opens NVIDIA's libraries by absolute path before it, so there is no path in the file.
function(warpframe_engine_of_wheels name)
  warpframe_engine(${name} warpframe_rapids)
  set_target_properties(${name} PROPERTIES SKIP_BUILD_RPATH ON)
  # What libcudf itself needs is not on this link line; what ours needs is.
  target_link_options(${name} PRIVATE LINKER:-z,defs LINKER:--allow-shlib-undefined)
endfunction()

if(WARPFRAME_VARIANT STREQUAL "sim")
  add_subdirectory(${PROJECT_SOURCE_DIR}/native/sim/cudf ${PROJECT_BINARY_DIR}/sim-cudf)
  if(TARGET cudf)
    include(missing)
    if(TARGET warpframe_exec)
      set(objects $<TARGET_OBJECTS:warpframe_exec>)
    endif()
    warpframe_missing(cudf_missing cudf ${objects})
  endif()
  if(TARGET warpframe_exec AND TARGET cudf)
    warpframe_engine(warpframe_cudf cudf cudf_missing)
    set_target_properties(warpframe_cudf PROPERTIES BUILD_RPATH "$ORIGIN" BUILD_RPATH_USE_ORIGIN ON)
  endif()
  if(TARGET warpframe_exec AND NOT WARPFRAME_SANITIZE)
    # The very same object files with NVIDIA's libraries; on request: ninja warpframe_cudf_wheels.
    warpframe_engine_of_wheels(warpframe_cudf_wheels)
    set_target_properties(warpframe_cudf_wheels PROPERTIES
      EXCLUDE_FROM_ALL ON LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/wheels)
  endif()
elseif(TARGET warpframe_exec)
  warpframe_engine_of_wheels(warpframe_cudf)
endif()
