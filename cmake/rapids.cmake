# NVIDIA's headers and libraries from the wheels' own trees. No find_package: their configs need CMake 4 and four prefixes.
#   warpframe_rapids_headers  libcudf, rmm, CCCL, rapids_logger; the same for every variant, so object files are the same
#   warpframe_rapids          those, and the libraries
foreach(setting WARPFRAME_SITE WARPFRAME_CUDA_ROOT)
  if(NOT IS_DIRECTORY "${${setting}}")
    message(FATAL_ERROR "Variant ${WARPFRAME_VARIANT} needs -D${setting}=…; it is '${${setting}}'. `npm run toolchain` fetches it.")
  endif()
endforeach()
if(EXISTS ${WARPFRAME_SITE}/libcudf/VERSION)  # wheels
  file(STRINGS ${WARPFRAME_SITE}/libcudf/VERSION WARPFRAME_RAPIDS_VERSION LIMIT_COUNT 1)
  set(rapids_includes
    ${WARPFRAME_SITE}/libcudf/include
    ${WARPFRAME_SITE}/librmm/include
    ${WARPFRAME_SITE}/librmm/include/rapids  # CCCL of the wheel before the toolkit's own
    ${WARPFRAME_SITE}/rapids_logger/include)
  set(WARPFRAME_RAPIDS_LIBRARIES
    ${WARPFRAME_SITE}/libcudf/lib64/libcudf.so
    ${WARPFRAME_SITE}/librmm/lib64/librmm.so
    ${WARPFRAME_SITE}/rapids_logger/lib64/librapids_logger.so)
elseif(EXISTS ${WARPFRAME_SITE}/include/cudf/version_config.hpp)  # a conda environment
  file(STRINGS ${WARPFRAME_SITE}/include/cudf/version_config.hpp lines REGEX "CUDF_VERSION_(MAJOR|MINOR|PATCH)")
  string(REGEX REPLACE "[^0-9;]" "" lines "${lines}")
  list(JOIN lines "." WARPFRAME_RAPIDS_VERSION)
  set(rapids_includes ${WARPFRAME_SITE}/include ${WARPFRAME_SITE}/include/rapids)
  list(TRANSFORM "cudf;rmm;rapids_logger" PREPEND ${WARPFRAME_SITE}/lib/lib OUTPUT_VARIABLE WARPFRAME_RAPIDS_LIBRARIES)
  list(TRANSFORM WARPFRAME_RAPIDS_LIBRARIES APPEND .so)
else()
  message(FATAL_ERROR "WARPFRAME_SITE has neither libcudf/VERSION nor include/cudf/version_config.hpp: ${WARPFRAME_SITE}")
endif()
if(NOT WARPFRAME_RAPIDS_VERSION MATCHES "^26\\.10\\.")
  message(FATAL_ERROR "libcudf is ${WARPFRAME_RAPIDS_VERSION}; the sources are written for 26.10 (the namespaces in its ABI change with every release)")
endif()

add_library(warpframe_rapids_headers INTERFACE)
target_include_directories(warpframe_rapids_headers SYSTEM INTERFACE ${rapids_includes} ${WARPFRAME_CUDA_ROOT}/include)
# As librmm's own configuration has them; some of them change mangled names.
target_compile_definitions(warpframe_rapids_headers INTERFACE
  CUB_DISABLE_NAMESPACE_MAGIC CUB_IGNORE_NAMESPACE_MAGIC_ERROR
  THRUST_DISABLE_ABI_NAMESPACE THRUST_IGNORE_ABI_NAMESPACE_ERROR CCCL_DISABLE_PDL)
target_compile_features(warpframe_rapids_headers INTERFACE cxx_std_20)

add_library(warpframe_rapids INTERFACE)
target_link_libraries(warpframe_rapids INTERFACE warpframe_rapids_headers ${WARPFRAME_RAPIDS_LIBRARIES}
  ${WARPFRAME_CUDA_ROOT}/lib64/libcudart_static.a ${CMAKE_DL_LIBS} rt Threads::Threads)
