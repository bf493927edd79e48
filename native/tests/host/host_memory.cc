// The pretend GPU itself: what it lets pass and what it reports.
#include "check.hh"

#include <cudf/copying.hpp>
#include <cudf/utilities/error.hpp>
#include <rmm/cuda_stream.hpp>
#include <rmm/device_uvector.hpp>
#include <rmm/mr/cuda_async_memory_resource.hpp>
#include <rmm/mr/failure_callback_resource_adaptor.hpp>
#include <rmm/mr/limiting_resource_adaptor.hpp>
#include <rmm/mr/statistics_resource_adaptor.hpp>

#include <cstring>

namespace warpframe::tests {
namespace {

using host::Violation;

/** Reads every row, which is what every function of the library does first. */
void look(const cudf::column_view& view, cuda::stream_ref on = stream()) { host::Col(view, on, "look").values(); }

}  // namespace

CASE("memory: an access past the end of an allocation is reported") {
  const ColumnPtr column = ints({1, 2, 3});
  const cudf::column_view longer(column->type(), 1000, column->view().head(), nullptr, 0);
  throws<Violation>([&] { look(longer); }, "of an allocation of 24", "1000 rows of 3");
}

CASE("memory: a view of a column that is gone is reported") {
  cudf::column_view view;
  {
    const ColumnPtr column = ints({1, 2, 3});
    view = column->view();
  }
  throws<Violation>([&] { look(view); }, "after it was freed", "a view of a temporary");
}

CASE("memory: work of another stream is seen after a synchronisation or an event only") {
  const rmm::cuda_stream other{rmm::cuda_stream::flags::non_blocking};
  const std::vector<Val> rows{Val::integer(1)};
  const ColumnPtr column = host::make(cudf::type_id::INT64, rows, other, memory());
  throws<Violation>([&] { look(column->view()); }, "another stream", "no synchronisation");
  cudaEvent_t event = nullptr;
  CUDF_CUDA_TRY(cudaEventCreate(&event));
  CUDF_CUDA_TRY(cudaEventRecord(event, static_cast<cuda::stream_ref>(other).get()));
  CUDF_CUDA_TRY(cudaStreamWaitEvent(stream().get(), event, 0));
  CUDF_CUDA_TRY(cudaEventDestroy(event));
  look(column->view());
  const ColumnPtr later = host::make(cudf::type_id::INT64, rows, other, memory());
  other.synchronize();
  look(later->view());
}

CASE("memory: the legacy stream and blocking streams wait for each other") {
  const rmm::cuda_stream blocking;
  const std::vector<Val> rows{Val::integer(1)};
  const ColumnPtr column = host::make(cudf::type_id::INT64, rows, blocking, memory());
  look(column->view(), cudf::get_default_stream());
}

CASE("memory: a copy to the host arrives when the stream is synchronised") {
  const ColumnPtr column = ints({7});
  std::int64_t value = 0;
  CUDF_CUDA_TRY(cudaMemcpyAsync(&value, column->view().head(), sizeof value, cudaMemcpyDeviceToHost, stream().get()));
  check(value != 7 || !host::gpu::chaos(), "before the synchronisation");
  stream().sync();
  check(value == 7, "after the synchronisation");
}

CASE("memory: host functions run after what is before them") {
  const ColumnPtr column = ints({7});
  struct State {
    std::int64_t value = 0;
    std::int64_t seen = 0;
  } state;
  CUDF_CUDA_TRY(cudaMemcpyAsync(&state.value, column->view().head(), sizeof state.value, cudaMemcpyDeviceToHost, stream().get()));
  CUDF_CUDA_TRY(cudaLaunchHostFunc(
      stream().get(), [](void* at) { static_cast<State*>(at)->seen = static_cast<State*>(at)->value; }, &state));
  stream().sync();
  check(state.seen == 7, "the copy was delivered first");
}

CASE("memory: limits, statistics and the callback of a full device") {
  rmm::mr::cuda_async_memory_resource pool;
  rmm::mr::statistics_resource_adaptor counted{pool};
  rmm::mr::limiting_resource_adaptor limited{counted, 4096};
  struct Spill {
    std::unique_ptr<rmm::device_buffer> idle;
    int calls = 0;
  } spill;
  rmm::mr::failure_callback_resource_adaptor<> resource{
      limited,
      [](std::size_t, void* at) {
        auto* state = static_cast<Spill*>(at);
        ++state->calls;
        const bool had = state->idle != nullptr;
        state->idle.reset();
        return had;
      },
      &spill};
  spill.idle = std::make_unique<rmm::device_buffer>(3000, stream(), resource);
  {
    const rmm::device_buffer fits(2000, stream(), resource);
    check(spill.calls == 1, "the idle buffer was given back");
    check(counted.get_bytes_counter().value == 2000 && counted.get_bytes_counter().peak == 3000, "counted");
    throws<rmm::out_of_memory>([&] { rmm::device_buffer(5000, stream(), resource); }, "memory limit", "nothing left to give back");
  }
  check(counted.get_bytes_counter().value == 0, "everything is back");
}

CASE("memory: the device ends") {
  throws<rmm::out_of_memory>([&] { rmm::device_buffer(std::size_t{1} << 50, stream()); }, "device memory ends", "too much");
}

CASE("memory: nothing is left after a thousand columns") {
  const std::size_t before = host::gpu::usage().live;
  for (int i = 0; i < 1000; ++i) ints({1, std::nullopt, 3});
  check(host::gpu::usage().live == before, "allocations");
}

}  // namespace warpframe::tests
