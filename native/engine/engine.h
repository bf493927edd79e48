/* The plain C interface between the thin addon and an engine library (libcudf's glue today; XGBoost on the device,
   libcuml and TensorRT are further libraries behind the same table). An engine library is opened by path, after the
   libraries it needs, and never closed. No C++ type and no exception crosses.

   Every function that takes a wf_run is called on the device's own thread, one at a time; describe, why_not,
   memory_info, configure and the frees may be called on any thread. A function that returns int returns 0, or 1 with `error` filled. */
#ifndef WARPFRAME_ENGINE_H
#define WARPFRAME_ENGINE_H
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define WARPFRAME_ENGINE_ABI 1

/* The Arrow C data interface (https://arrow.apache.org/docs/format/CDataInterface.html). */
#ifndef ARROW_C_DATA_INTERFACE
#define ARROW_C_DATA_INTERFACE
struct ArrowSchema {
  const char* format;
  const char* name;
  const char* metadata;
  int64_t flags;
  int64_t n_children;
  struct ArrowSchema** children;
  struct ArrowSchema* dictionary;
  void (*release)(struct ArrowSchema*);
  void* private_data;
};
struct ArrowArray {
  int64_t length;
  int64_t null_count;
  int64_t offset;
  int64_t n_buffers;
  int64_t n_children;
  const void** buffers;
  struct ArrowArray** children;
  struct ArrowArray* dictionary;
  void (*release)(struct ArrowArray*);
  void* private_data;
};
#endif

typedef struct wf_engine wf_engine; /* one device */
typedef struct wf_table wf_table;   /* a resident table */
typedef struct wf_stream wf_stream; /* a running plan that hands out batches */

/* A failure: a code of ts/errors.ts, a sentence, and its detail as JSON ("{}" where there is none). */
typedef struct wf_error {
  char code[40];
  char* message; /* free_text */
  char* detail;  /* free_text */
} wf_error;

/* What a run may look at and tell. */
typedef struct wf_run {
  const int32_t* cancelled; /* read atomically between launches; not 0: stop with ERR_ABORTED */
  void (*progress)(void* context, int64_t done_rows);
  void* context;
  uint64_t memory_limit_bytes;
  uint32_t seed;
  int32_t checked; /* of upload. Not 0: text is known to be UTF-8, and decimals to fit their dtype */
} wf_run;

/* Rows in host memory: one block, copied from the device once. `layout` is JSON, one entry a column:
   { "length", "nullCount", "validity": [offset, bytes] | null, "values"?: [offset, bytes], "offsets"?: [offset, bytes],
     "children"?: [...], "dictionary"?: {...} } in the layout of ArrowColumn (ts/backend/arrow.ts), every buffer at a
   multiple of 64 bytes. */
typedef struct wf_slab {
  void* data;
  size_t bytes;
  int64_t rows;
  const char* layout;
  void* owner; /* the library's own */
} wf_slab;

/* A table of a plan: plans name tables by number. */
typedef struct wf_table_ref {
  int64_t id;
  const wf_table* table;
} wf_table_ref;

/* A host array that a kernel reads or made. `type`: "i8" "i16" "i32" "i64" "u8" … "f32" "f64". */
typedef struct wf_array {
  const char* name;
  const char* type;
  const void* data;
  size_t length; /* elements */
} wf_array;

typedef struct wf_kernel_call {
  const char* name;
  const char* params; /* JSON */
  const wf_table* const* tables;
  size_t table_count;
  const wf_array* arrays;
  size_t array_count;
} wf_kernel_call;

typedef struct wf_kernel_result {
  char* json;
  wf_array* arrays;
  size_t array_count;
  wf_table** tables;
  size_t table_count;
  void* owner;
} wf_kernel_result;

typedef struct wf_engine_api {
  uint32_t abi; /* WARPFRAME_ENGINE_ABI */

  /* JSON of static lifetime: { "library": "libcudf", "version", "host": true where this is not a GPU,
     "functions": { name: { "kind", "whyNot"?: sentence } }, "kernels": [name] } */
  const char* (*describe)(void);
  /* One sentence why this library cannot run a plan, or a kernel ({ "kernel": name }); NULL: it can. Touches no
     device. */
  int (*why_not)(const char* work, char** sentence, wf_error* error);

  /* options: { "deviceId", "memoryLimitBytes", "poolBytes"?, "pinnedPoolBytes"?, "spillBytes"? } */
  int (*open)(const char* options, wf_engine** engine, wf_error* error);
  void (*close)(wf_engine* engine);
  int (*configure)(wf_engine* engine, const char* options, wf_error* error);
  /* { "usedBytes", "peakBytes", "limitBytes", "freeBytes", "totalBytes", "spilledBytes", "liveExternalBytes",
       "hostToDeviceBytes", "deviceToHostBytes", "hostToDeviceCopies", "deviceToHostCopies" } */
  int (*memory_info)(wf_engine* engine, char** json, wf_error* error);

  /* schema: JSON as in plans. The arrays are struct arrays, one a batch; they are read during the call, not released.
     `private_data` of every array below them is an array of n_buffers int64_t: the bytes that each buffer has. */
  int (*upload)(wf_engine* engine, const wf_run* run, const char* schema, const struct ArrowArray* const* batches,
                size_t count, wf_table** table, wf_error* error);
  /* trace: JSON { "nodes": [{ "label", "rows", "ms", "note"? }], "peakBytes" }, a node of the plan each. */
  int (*execute)(wf_engine* engine, const wf_run* run, const char* plan, const wf_table_ref* tables, size_t count,
                 wf_table** table, char** trace, wf_error* error);
  int (*stream_open)(wf_engine* engine, const wf_run* run, const char* plan, const wf_table_ref* tables, size_t count,
                     wf_stream** stream, wf_error* error);
  /* NULL at the end. */
  int (*stream_next)(wf_stream* stream, const wf_run* run, wf_slab** slab, wf_error* error);
  void (*stream_close)(wf_stream* stream);
  /* columns: JSON array of names, or NULL for all. */
  int (*download)(const wf_table* table, const wf_run* run, const char* columns, int64_t offset, int64_t rows,
                  wf_slab** slab, wf_error* error);
  int (*invoke)(wf_engine* engine, const wf_run* run, const wf_kernel_call* call, wf_kernel_result** result,
                wf_error* error);

  void (*table_info)(const wf_table* table, int64_t* rows, uint64_t* bytes);
  void (*release_table)(wf_table* table);
  void (*release_slab)(wf_slab* slab);
  void (*release_result)(wf_kernel_result* result);
  void (*free_text)(char* text);
} wf_engine_api;

/* The one symbol an engine library exports. */
const wf_engine_api* warpframe_engine(void);

#ifdef __cplusplus
}
#endif
#endif
