/* A small engine library for tests of the addon: it keeps rows and gives them back as they came, and does what a plan's
   text tells it to. It computes nothing and stands for no device.

   execute, stream_open: "echo" or any plan document: the first table · "slow": until it is cancelled, with progress ·
   "work N": N milliseconds, cancelled or not · "fail CODE": that failure · otherwise ERR_UNSUPPORTED.
   memory_info counts what is alive. Kernels: "sum" adds the elements of its f64 arrays. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../../engine/engine.h"

typedef struct column {
  int64_t length;
  int64_t buffers;
  int has[3];
  int64_t bytes[3];
  void* data[3];
  int64_t children;
  struct column* child;
  struct column* dictionary;
} column;

struct wf_engine {
  uint64_t limit;
};
struct wf_table {
  int64_t rows;
  int64_t columns;
  column* column;
  uint64_t bytes;
  int references;
};
struct wf_stream {
  wf_table* table;
  int done;
};

static long live_tables, live_slabs, live_streams, live_results;
static uint64_t copied_in, copied_out;
static wf_engine the_engine;

static int fail(wf_error* error, const char* code, const char* message, const char* detail) {
  snprintf(error->code, sizeof error->code, "%s", code);
  error->message = strdup(message);
  error->detail = strdup(detail);
  return 1;
}
static int cancelled(const wf_run* run) { return __atomic_load_n(run->cancelled, __ATOMIC_RELAXED) != 0; }
static void wait_ms(long ms) {
  const struct timespec time = {ms / 1000, ms % 1000 * 1000000};
  nanosleep(&time, NULL);
}

static int copy_column(column* to, const struct ArrowArray* from, wf_table* table) {
  memset(to, 0, sizeof *to);
  to->length = from->length;
  to->buffers = from->n_buffers;
  if (from->n_buffers < 1 || from->n_buffers > 3 || !from->private_data) return 0;
  for (int64_t i = 0; i < from->n_buffers; ++i) {
    to->has[i] = from->buffers[i] != NULL;
    to->bytes[i] = ((const int64_t*)from->private_data)[i];
    if (!to->has[i]) continue;
    to->data[i] = malloc(to->bytes[i] + 1);
    memcpy(to->data[i], from->buffers[i], to->bytes[i]);
    table->bytes += to->bytes[i];
    copied_in += to->bytes[i];
  }
  to->children = from->n_children;
  to->child = calloc(from->n_children + 1, sizeof(column));
  for (int64_t i = 0; i < from->n_children; ++i)
    if (!copy_column(&to->child[i], from->children[i], table)) return 0;
  if (from->dictionary) {
    to->dictionary = calloc(1, sizeof(column));
    return copy_column(to->dictionary, from->dictionary, table);
  }
  return 1;
}
static void free_column(column* c) {
  for (int i = 0; i < 3; ++i) free(c->data[i]);
  for (int64_t i = 0; i < c->children; ++i) free_column(&c->child[i]);
  free(c->child);
  if (c->dictionary) free_column(c->dictionary);
  free(c->dictionary);
}

/* The layout as text, and the bytes where `data` is not NULL. */
typedef struct writer {
  char* text;
  size_t used, room;
  char* data;
  size_t at;
} writer;
static void say(writer* w, const char* text) {
  const size_t n = strlen(text);
  if (w->used + n + 1 > w->room) w->text = realloc(w->text, w->room = (w->used + n) * 2 + 64);
  memcpy(w->text + w->used, text, n + 1);
  w->used += n;
}
static void buffer_place(writer* w, const column* c, int i) {
  char text[64];
  if (!c->has[i]) {
    say(w, "null");
    return;
  }
  snprintf(text, sizeof text, "[%zu,%lld]", w->at, (long long)c->bytes[i]);
  say(w, text);
  if (w->data) memcpy(w->data + w->at, c->data[i], c->bytes[i]);
  w->at += (c->bytes[i] + 63) / 64 * 64;
}
static void write_column(writer* w, const column* c) {
  char text[64];
  snprintf(text, sizeof text, "{\"length\":%lld,\"nullCount\":0,\"validity\":", (long long)c->length);
  say(w, text);
  buffer_place(w, c, 0);
  const int list = c->buffers == 2 && c->children > 0;
  if (c->buffers == 3 || list) {
    say(w, ",\"offsets\":");
    buffer_place(w, c, 1);
  }
  if (c->buffers == 3 || (c->buffers == 2 && !list)) {
    say(w, ",\"values\":");
    buffer_place(w, c, (int)c->buffers - 1);
  }
  if (c->children > 0) {
    say(w, ",\"children\":[");
    for (int64_t i = 0; i < c->children; ++i) {
      if (i > 0) say(w, ",");
      write_column(w, &c->child[i]);
    }
    say(w, "]");
  }
  if (c->dictionary) {
    say(w, ",\"dictionary\":");
    write_column(w, c->dictionary);
  }
  say(w, "}");
}
static void write_table(writer* w, const wf_table* table) {
  say(w, "[");
  for (int64_t i = 0; i < table->columns; ++i) {
    if (i > 0) say(w, ",");
    write_column(w, &table->column[i]);
  }
  say(w, "]");
}
static wf_slab* slab_of(const wf_table* table) {
  writer size = {0};
  write_table(&size, table);
  free(size.text);
  writer out = {0};
  out.data = calloc(1, size.at + 64);
  write_table(&out, table);
  wf_slab* const slab = malloc(sizeof *slab);
  *slab = (wf_slab){out.data, size.at, table->rows, out.text, NULL};
  copied_out += size.at;
  __atomic_add_fetch(&live_slabs, 1, __ATOMIC_RELAXED);
  return slab;
}

static const char* describe(void) {
  return "{\"library\":\"fixture\",\"version\":\"1\",\"host\":true,\"functions\":{},\"kernels\":[\"sum\"]}";
}
static int why_not(const char* work, char** sentence, wf_error* error) {
  (void)error;
  *sentence = strstr(work, "\"aggregate\"") ? strdup("The fixture cannot aggregate.") : NULL;
  return 0;
}
static int engine_open(const char* options, wf_engine** engine, wf_error* error) {
  if (strstr(options, "\"refuse\"")) return fail(error, "ERR_DEVICE", "The fixture was told to refuse.", "{}");
  *engine = &the_engine;
  return 0;
}
static void engine_close(wf_engine* engine) { (void)engine; }
static int configure(wf_engine* engine, const char* options, wf_error* error) {
  (void)error;
  const char* const at = strstr(options, "\"memoryLimitBytes\":");
  if (at) engine->limit = strtoull(at + 19, NULL, 10);
  return 0;
}
static int memory_info(wf_engine* engine, char** json, wf_error* error) {
  (void)error;
  *json = malloc(400);
  snprintf(*json, 400,
           "{\"usedBytes\":0,\"limitBytes\":%llu,\"tables\":%ld,\"slabs\":%ld,\"streams\":%ld,\"results\":%ld,"
           "\"hostToDeviceBytes\":%llu,\"deviceToHostBytes\":%llu}",
           (unsigned long long)engine->limit, live_tables, __atomic_load_n(&live_slabs, __ATOMIC_RELAXED), live_streams,
           live_results, (unsigned long long)copied_in, (unsigned long long)copied_out);
  return 0;
}
static void release_table(wf_table* table) {
  if (!table || --table->references > 0) return;
  for (int64_t i = 0; i < table->columns; ++i) free_column(&table->column[i]);
  free(table->column);
  free(table);
  --live_tables;
}
static wf_table* new_table(int64_t columns) {
  wf_table* const table = calloc(1, sizeof *table);
  table->columns = columns;
  table->column = calloc(columns + 1, sizeof(column));
  table->references = 1;
  ++live_tables;
  return table;
}
static int upload(wf_engine* engine, const wf_run* run, const char* schema, const struct ArrowArray* const* batches,
                  size_t count, wf_table** table, wf_error* error) {
  (void)engine, (void)schema;
  if (cancelled(run)) return fail(error, "ERR_ABORTED", "The run was cancelled.", "{}");
  if (count != 1) return fail(error, "ERR_SHAPE", "The fixture takes one batch.", "{}");
  wf_table* const made = new_table(batches[0]->n_children);
  made->rows = batches[0]->length;
  for (int64_t i = 0; i < made->columns; ++i)
    if (!copy_column(&made->column[i], batches[0]->children[i], made)) {
      release_table(made);
      return fail(error, "ERR_SHAPE", "A column that the fixture does not know.", "{}");
    }
  *table = made;
  return 0;
}
static int run_text(const wf_run* run, const char* plan, const wf_table_ref* tables, size_t count, wf_table** table,
                    wf_error* error) {
  if (cancelled(run)) return fail(error, "ERR_ABORTED", "The run was cancelled.", "{}");
  if (strcmp(plan, "slow") == 0) {
    for (int64_t rows = 0;; rows += 1000) {
      if (cancelled(run)) return fail(error, "ERR_ABORTED", "The run was cancelled.", "{}");
      if (run->progress) run->progress(run->context, rows);
      wait_ms(2);
    }
  }
  if (strncmp(plan, "work ", 5) == 0) wait_ms(atol(plan + 5));
  if (strncmp(plan, "fail ", 5) == 0) return fail(error, plan + 5, "The fixture was told to fail.", "{\"requestedBytes\":7}");
  if (count == 0) {
    *table = new_table(0);
    return 0;
  }
  *table = (wf_table*)tables[0].table;
  ++(*table)->references;
  return 0;
}
static int execute(wf_engine* engine, const wf_run* run, const char* plan, const wf_table_ref* tables, size_t count,
                   wf_table** table, char** trace, wf_error* error) {
  (void)engine;
  if (run_text(run, plan, tables, count, table, error)) return 1;
  *trace = strdup("{\"nodes\":[{\"label\":\"ECHO\",\"rows\":1,\"ms\":0.5}],\"peakBytes\":64}");
  return 0;
}
static int stream_open(wf_engine* engine, const wf_run* run, const char* plan, const wf_table_ref* tables, size_t count,
                       wf_stream** stream, wf_error* error) {
  (void)engine;
  wf_table* table = NULL;
  if (run_text(run, plan, tables, count, &table, error)) return 1;
  *stream = malloc(sizeof **stream);
  **stream = (wf_stream){table, 0};
  ++live_streams;
  return 0;
}
/* The rows twice. */
static int stream_next(wf_stream* stream, const wf_run* run, wf_slab** slab, wf_error* error) {
  if (cancelled(run)) return fail(error, "ERR_ABORTED", "The run was cancelled.", "{}");
  *slab = stream->done < 2 ? slab_of(stream->table) : NULL;
  ++stream->done;
  return 0;
}
static void stream_close(wf_stream* stream) {
  release_table(stream->table);
  free(stream);
  --live_streams;
}
static int download(const wf_table* table, const wf_run* run, const char* columns, int64_t offset, int64_t rows,
                    wf_slab** slab, wf_error* error) {
  (void)columns, (void)offset, (void)rows;
  if (cancelled(run)) return fail(error, "ERR_ABORTED", "The run was cancelled.", "{}");
  *slab = slab_of(table);
  return 0;
}
static int invoke(wf_engine* engine, const wf_run* run, const wf_kernel_call* call, wf_kernel_result** result,
                  wf_error* error) {
  (void)engine;
  if (cancelled(run)) return fail(error, "ERR_ABORTED", "The run was cancelled.", "{}");
  if (strcmp(call->name, "sum") != 0) return fail(error, "ERR_UNSUPPORTED", "The fixture has no such kernel.", "{}");
  double* const sum = calloc(1, sizeof *sum);
  for (size_t i = 0; i < call->array_count; ++i)
    for (size_t k = 0; strcmp(call->arrays[i].type, "f64") == 0 && k < call->arrays[i].length; ++k)
      *sum += ((const double*)call->arrays[i].data)[k];
  wf_array* const made = malloc(sizeof *made);
  *made = (wf_array){"sum", "f64", sum, 1};
  wf_table** const tables = calloc(call->table_count + 1, sizeof *tables);
  for (size_t i = 0; i < call->table_count; ++i) {
    tables[i] = (wf_table*)call->tables[i];
    ++tables[i]->references;
  }
  *result = malloc(sizeof **result);
  **result = (wf_kernel_result){strdup(call->params), made, 1, tables, call->table_count, NULL};
  ++live_results;
  return 0;
}
static void table_info(const wf_table* table, int64_t* rows, uint64_t* bytes) {
  *rows = table->rows;
  *bytes = table->bytes;
}
static void release_slab(wf_slab* slab) {
  free(slab->data);
  free((char*)slab->layout);
  free(slab);
  __atomic_sub_fetch(&live_slabs, 1, __ATOMIC_RELAXED);
}
static void release_result(wf_kernel_result* result) {
  for (size_t i = 0; i < result->table_count; ++i) release_table(result->tables[i]);
  free((void*)result->arrays[0].data);
  free(result->arrays);
  free(result->tables);
  free(result->json);
  free(result);
  --live_results;
}
static void free_text(char* text) { free(text); }

const wf_engine_api* warpframe_engine(void) {
  static const wf_engine_api api = {
      WARPFRAME_ENGINE_ABI, describe,     why_not,     engine_open,   engine_close, configure,      memory_info,
      upload,               execute,      stream_open, stream_next,   stream_close, download,       invoke,
      table_info,           release_table, release_slab, release_result, free_text,
  };
  return &api;
}
