# The thin addon: Node-API, threads, handles, the CPU's XGBoost, and the opener of engine libraries. cudart is linked
# statically and libcuda never, so that it loads on every machine.
warpframe_sources(sources addon ml util)
if(NOT WARPFRAME_VARIANT STREQUAL "none")
  list(APPEND sources ${PROJECT_SOURCE_DIR}/native/plan/json.cc)
endif()
add_library(warpframe MODULE ${sources} ${CMAKE_JS_SRC})
set_target_properties(warpframe PROPERTIES PREFIX "" SUFFIX ".node")
target_include_directories(warpframe SYSTEM PRIVATE ${CMAKE_JS_INC})
target_compile_definitions(warpframe PRIVATE
  NAPI_VERSION=${WARPFRAME_NAPI_VERSION}
  WARPFRAME_BOUNDARY=${WARPFRAME_BOUNDARY}
  WARPFRAME_VARIANT_NAME="${WARPFRAME_VARIANT}"
  NODE_ADDON_API_CPP_EXCEPTIONS_ALL         # any std::exception becomes a JavaScript Error instead of std::terminate
  NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS   # worker.terminate() during asynchronous work must not abort the process
  NODE_ADDON_API_DISABLE_DEPRECATED)
target_link_libraries(warpframe PRIVATE warpframe_options ${CMAKE_JS_LIB})
if(WARPFRAME_VARIANT MATCHES "^cuda")
  if(NOT EXISTS ${WARPFRAME_CUDA_ROOT}/include/cuda_runtime_api.h)
    message(FATAL_ERROR "Variant ${WARPFRAME_VARIANT} needs -DWARPFRAME_CUDA_ROOT=…; it is '${WARPFRAME_CUDA_ROOT}'. `npm run toolchain` fetches it.")
  endif()
  target_compile_definitions(warpframe PRIVATE WARPFRAME_CUDA=1)
  target_include_directories(warpframe SYSTEM PRIVATE ${WARPFRAME_CUDA_ROOT}/include)
  target_link_libraries(warpframe PRIVATE ${WARPFRAME_CUDA_ROOT}/lib64/libcudart_static.a rt)
elseif(WARPFRAME_VARIANT STREQUAL "sim")
  target_compile_definitions(warpframe PRIVATE WARPFRAME_SIM=1)
endif()
if(NOT WARPFRAME_VARIANT STREQUAL "none")
  # Our kernels run without an engine library too (kernel_operations.hh).
  if(WARPFRAME_VARIANT STREQUAL "sim")
    add_subdirectory(${PROJECT_SOURCE_DIR}/native/sim/cuda ${PROJECT_BINARY_DIR}/sim-cuda)
  endif()
  add_subdirectory(${PROJECT_SOURCE_DIR}/native/kernels ${PROJECT_BINARY_DIR}/kernels)
  target_compile_definitions(warpframe PRIVATE WARPFRAME_KERNELS=1)
  target_link_libraries(warpframe PRIVATE warpframe_kernels)
endif()
if(UNIX AND NOT APPLE)
  # nodelete: a worker that ends unloads its addons, and the pool's threads run this code.
  target_link_options(warpframe PRIVATE LINKER:--exclude-libs,ALL LINKER:-z,relro,-z,now,-z,nodelete LINKER:--gc-sections)
  if(NOT WARPFRAME_SANITIZE)
    # Carries its C++ runtime, so that older distributions load it; no exception crosses to an engine library.
    target_link_options(warpframe PRIVATE -static-libstdc++ -static-libgcc)
  endif()
endif()
