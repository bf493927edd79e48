// The C interface: every entry catches what C++ throws.
#include <cstdlib>
#include <numeric>
#include <span>

#include "../exec/parts.hh"
#include "../plan/parse.hh"
#include "../util/failure.hh"
#include "download.hh"
#include "errors.hh"
#include "kernels.hh"
#include "opaque.hh"
#include "run.hh"
#include "upload.hh"

namespace warpframe::engine {
namespace {

/** Bytes of one batch of a stream, unless the memory limit is small. */
constexpr std::uint64_t kBatchBytes = std::uint64_t{64} << 20;

void begin(Device& device, const wf_run& run) {
  check_cancelled(run);
  device.enter();
  device.memory().begin_run(run.memory_limit_bytes);
}

const char* api_describe() {
  try {
    return description();
  } catch (...) {  // no memory
    return "{}";
  }
}

int api_why_not(const char* work, char** sentence, wf_error* error) {
  return guarded(error, nullptr, [&] {
    const std::string text = why_not(work);
    *sentence = text.empty() ? nullptr : copy_text(text);
  });
}

int api_open(const char* options, wf_engine** engine, wf_error* error) {
  return guarded(error, nullptr, [&] { *engine = new wf_engine(plan::Json::parse(options)); });
}

void api_close(wf_engine*) {
  // What libcudf allocated may outlive any caller, and freeing it after the driver has gone ends the process: kept.
}

int api_configure(wf_engine* engine, const char* options, wf_error* error) {
  return guarded(error, &engine->device, [&] { engine->device.configure(plan::Json::parse(options)); });
}

int api_memory_info(wf_engine* engine, char** json, wf_error* error) {
  return guarded(error, &engine->device, [&] {
    engine->device.enter();
    *json = copy_text(engine->device.memory_info());
  });
}

int api_upload(wf_engine* engine, const wf_run* run, const char* schema, const ArrowArray* const* batches,
               std::size_t count, wf_table** table, wf_error* error) {
  return guarded(error, &engine->device, [&] {
    begin(engine->device, *run);
    exec::Frame frame = upload(engine->device, plan::parse_schema(plan::Json::parse(schema)), {batches, count}, run->checked != 0);
    *table = new wf_table(engine->device, std::move(frame));
  });
}

int api_execute(wf_engine* engine, const wf_run* run, const char* document, const wf_table_ref* tables,
                std::size_t count, wf_table** table, char** trace, wf_error* error) {
  return guarded(error, &engine->device, [&] {
    begin(engine->device, *run);
    std::string text;
    exec::Frame frame = run_plan(engine->device, *run, *plan::parse_plan(document), tables, count, text);
    auto made = std::make_unique<wf_table>(engine->device, std::move(frame));
    *trace = copy_text(text);
    *table = made.release();
  });
}

/** The rows of a plan are what the stream hands out next. */
void take_rows(wf_stream& stream, const wf_run& run, const plan::Node& root, std::span<const wf_table_ref> tables) {
  std::string trace;
  auto frame = std::make_shared<exec::Frame>(
      run_plan(stream.device, run, root, tables.data(), tables.size(), trace, stream.parts.empty() ? nullptr : &stream));
  stream.rows_a_batch = rows_of_bytes(*frame, stream.batch_bytes);
  stream.next_row = 0;
  stream.frame = std::move(frame);
}

bool at_end(const wf_stream& stream) { return !stream.frame || stream.next_row >= stream.frame->rows; }

int api_stream_open(wf_engine* engine, const wf_run* run, const char* document, const wf_table_ref* tables,
                    std::size_t count, wf_stream** stream, wf_error* error) {
  return guarded(error, &engine->device, [&] {
    Device& device = engine->device;
    begin(device, *run);
    // A batch is put together on the device beside the rows, and the text of one column must stay below 2 GiB.
    const std::uint64_t bytes = std::min(kBatchBytes, device.memory().limit() / 8);
    const plan::NodePtr root = plan::parse_plan(document);
    exec::Parts parts = exec::parts_of(root, bytes);
    auto made = std::make_unique<wf_stream>(wf_stream{device, nullptr, 0, 0, bytes, std::move(parts.plans)});
    std::string trace;
    for (const plan::NodePtr& other : parts.others)
      made->others.push_back(std::make_shared<const exec::Frame>(run_plan(device, *run, *other, tables, count, trace)));
    if (made->parts.empty()) take_rows(*made, *run, *root, {tables, count});
    *stream = made.release();
  });
}

std::vector<std::size_t> all_columns(const exec::Frame& frame) {
  std::vector<std::size_t> columns(frame.columns.size());
  std::iota(columns.begin(), columns.end(), 0);
  return columns;
}

int api_stream_next(wf_stream* stream, const wf_run* run, wf_slab** slab, wf_error* error) {
  return guarded(error, &stream->device, [&] {
    begin(stream->device, *run);
    *slab = nullptr;
    while (at_end(*stream) && stream->next_part < stream->parts.size() &&
           !exec::has_enough(stream->parts[0], stream->rows_so_far)) {
      stream->frame.reset();
      take_rows(*stream, *run, *stream->parts[stream->next_part++], {});
    }
    if (at_end(*stream)) {
      stream->frame.reset();
      return;
    }
    Slab* const made = download(stream->device, *stream->frame, all_columns(*stream->frame), stream->next_row,
                                stream->rows_a_batch);
    stream->next_row += made->face.rows;
    *slab = &made->face;
  });
}

void api_stream_close(wf_stream* stream) { delete stream; }

int api_download(const wf_table* table, const wf_run* run, const char* columns, std::int64_t offset, std::int64_t rows,
                 wf_slab** slab, wf_error* error) {
  Device& device = table->table.device();
  return guarded(error, &device, [&] {
    begin(device, *run);
    const auto frame = table->table.use();
    std::vector<std::size_t> wanted;
    if (!columns) {
      wanted = all_columns(*frame);
    } else {
      const plan::Json names = plan::Json::parse(columns);
      for (const plan::Json& name : names.items()) {
        std::size_t c = 0;
        while (c < frame->schema.size() && frame->schema[c].name != name.as_text()) ++c;
        if (c == frame->schema.size()) throw Failure("ERR_COLUMN_NOT_FOUND", "Column \"" + name.as_text() + "\" not found.");
        wanted.push_back(c);
      }
    }
    *slab = &download(device, *frame, wanted, offset, rows)->face;
  });
}

int api_invoke(wf_engine* engine, const wf_run* run, const wf_kernel_call* call, wf_kernel_result** result,
               wf_error* error) {
  return guarded(error, &engine->device, [&] {
    begin(engine->device, *run);
    const Kernel* const kernel = find_kernel(call->name);
    if (!kernel) throw Failure("ERR_UNSUPPORTED", "libcudf's engine has no kernel \"" + std::string(call->name) + "\".");
    KernelCall own{call->name, engine->device, *run, plan::Json::parse(call->params), {}, {call->arrays, call->array_count}};
    for (std::size_t i = 0; i < call->table_count; ++i) own.tables.push_back(&call->tables[i]->table);
    auto made = std::make_unique<Result>();
    made->outcome = kernel->run(own);
    engine->device.stream().sync();
    for (const OwnedArray& array : made->outcome.arrays)
      made->arrays.push_back({array.name.c_str(), array.type.c_str(), array.bytes.data(), array.length});
    for (exec::Frame& frame : made->outcome.tables)
      made->tables.push_back(new wf_table(engine->device, std::move(frame)));
    made->face = {made->outcome.json.data(), made->arrays.data(), made->arrays.size(), made->tables.data(), made->tables.size(), made.get()};
    *result = &made.release()->face;
  });
}

void api_table_info(const wf_table* table, std::int64_t* rows, std::uint64_t* bytes) {
  *rows = table->table.rows();
  *bytes = table->table.bytes();
}

void api_release_table(wf_table* table) { delete table; }
void api_release_slab(wf_slab* slab) { release_slab(static_cast<Slab*>(slab->owner)); }
void api_release_result(wf_kernel_result* result) { delete static_cast<Result*>(result->owner); }
void api_free_text(char* text) { std::free(text); }

}  // namespace
}  // namespace warpframe::engine

extern "C" [[gnu::visibility("default")]] const wf_engine_api* warpframe_engine(void) {
  using namespace warpframe::engine;  // NOLINT: the table is made of it
  static constexpr wf_engine_api api{
      .abi = WARPFRAME_ENGINE_ABI,
      .describe = api_describe,
      .why_not = api_why_not,
      .open = api_open,
      .close = api_close,
      .configure = api_configure,
      .memory_info = api_memory_info,
      .upload = api_upload,
      .execute = api_execute,
      .stream_open = api_stream_open,
      .stream_next = api_stream_next,
      .stream_close = api_stream_close,
      .download = api_download,
      .invoke = api_invoke,
      .table_info = api_table_info,
      .release_table = api_release_table,
      .release_slab = api_release_slab,
      .release_result = api_release_result,
      .free_text = api_free_text,
  };
  return &api;
}
