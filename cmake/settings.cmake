# What every target of ours shares. `warpframe_options` carries it to targets; nothing is set for NVIDIA's headers.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()
if(WARPFRAME_VARIANT STREQUAL "sim")
  # Assertions stay on, lines are named in reports, and it compiles sooner.
  set(CMAKE_CXX_FLAGS_RELEASE "-O1 -g1")
else()
  set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")
endif()
find_package(Threads REQUIRED)

add_library(warpframe_options INTERFACE)
target_include_directories(warpframe_options INTERFACE ${PROJECT_SOURCE_DIR}/native)
target_compile_options(warpframe_options INTERFACE
  # g++ 12 warns of restrict inside its own std::string.
  $<$<COMPILE_LANG_AND_ID:CXX,GNU,Clang>:-Wall -Wextra -Wshadow -Werror $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>>)
target_link_libraries(warpframe_options INTERFACE Threads::Threads ${CMAKE_DL_LIBS})
if(WARPFRAME_SANITIZE)
  target_compile_options(warpframe_options INTERFACE
    $<$<COMPILE_LANGUAGE:CXX>:-fsanitize=${WARPFRAME_SANITIZE} -fno-omit-frame-pointer -g1>)
  target_link_options(warpframe_options INTERFACE -fsanitize=${WARPFRAME_SANITIZE})
  if(WARPFRAME_SANITIZE MATCHES "undefined")
    # A report ends the program: a test that prints and goes on has passed.
    target_compile_options(warpframe_options INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-fno-sanitize-recover=undefined>)
  endif()
endif()
