// Engine libraries behind invoke(): open, upload, run, read.
#pragma once

#include <span>
#include <string>

#include "operations.hh"

namespace warpframe {

/**
 * What runs on the device takes `run: { memoryLimitBytes?, seed?, onProgress? }`, and its promise has a number, `run`,
 * for cancel().
 *
 * `engine.open` { libraries, path, options } → { engine, description }; options are JSON, as engine.h has them
 * `engine.configure` { engine, options }
 * `engine.upload` { engine, run, schema, batches } → { table, rows, bytes }
 * `engine.execute` { engine, run, plan, tables: [[id in the plan, table], …] } → { table, rows, bytes, trace }
 * `engine.stream` the same → { stream }
 * `engine.next` { stream, run } → null, or { buffer, layout, rows }
 * `engine.download` { table, run, columns?, offset?, rows? } → { buffer, layout, rows }
 * `engine.kernel` { engine, run, name, params, tables, arrays } → { json, arrays, tables: [{ table, rows, bytes }] }
 */
std::span<const Operation> engine_operations();

/** Why the engine cannot run a plan or kernel; empty: it can. At once, on the JavaScript thread. */
std::string engine_why_not(Environment& environment, std::uint32_t engine, const std::string& work);
/** The figures of engine.h's memory_info, as JSON. */
std::string engine_memory(Environment& environment, std::uint32_t engine);

}  // namespace warpframe
