// Our kernels behind the C interface: columns of resident tables as they lie on the device, everything else from and to
// host memory.
#include "kernels.hh"

#include <cudf/column/column_view.hpp>
#include <rmm/device_buffer.hpp>

#include <algorithm>
#include <limits>
#include <memory>
#include <utility>

#include "../util/failure.hh"
#include "kernels/table.hh"
#include "run.hh"

namespace warpframe::engine {
namespace {

/** Device memory below the run's limit, freed in the stream's order with the call. */
class StreamMemory final : public kernels::Memory {
 public:
  explicit StreamMemory(Device& device) : device_(device) {}
  void* allocate(std::size_t bytes) override {
    return buffers_.emplace_back(std::max<std::size_t>(bytes, 1), device_.stream(), device_.memory_ref()).data();
  }
  // Memory that is not page-locked has been read when this returns.
  void upload(void* to, const void* from, std::size_t bytes) override { device_.copy_to_device(to, from, bytes); }

 private:
  Device& device_;
  std::vector<rmm::device_buffer> buffers_;
};

/** @throws Failure ERR_DTYPE for what is no number */
kernels::Type type_of(std::string_view kernel, const plan::Field& field) {
  using kernels::Type;
  using plan::DType;
  switch (field.type.dtype) {
    case DType::boolean: return Type::boolean;
    case DType::int8: return Type::i8;
    case DType::int16: return Type::i16;
    case DType::int32: return Type::i32;
    case DType::int64: return Type::i64;
    case DType::uint8: return Type::u8;
    case DType::uint16: return Type::u16;
    case DType::uint32: return Type::u32;
    case DType::uint64: return Type::u64;
    case DType::float32: return Type::f32;
    case DType::float64: return Type::f64;
    case DType::decimal: return Type::decimal128;
    default: break;
  }
  throw Failure("ERR_DTYPE", "Kernel " + std::string(kernel) + ": expected numbers or Bool in column \"" + field.name +
                                 "\" but it is " + plan::type_text(field.type) + ". Cast it, or leave it out.");
}

kernels::Column column_of(std::string_view kernel, const plan::Field& field, const cudf::column_view& view) {
  return {.data = view.head(),
          .mask = view.nullable() ? view.null_mask() : nullptr,
          .mask_offset = 0,
          .rows = static_cast<std::uint64_t>(view.size()),
          .type = type_of(kernel, field),
          .decimal_scale = field.type.scale};
}

/** Lists, objects and nulls are no parameters of a kernel. */
std::vector<kernels::Parameter> parameters_of(std::string_view kernel, const plan::Json& params) {
  std::vector<kernels::Parameter> parameters;
  for (const auto& [name, value] : params.fields()) {
    // A text that is read as a number is none.
    kernels::Parameter parameter{name, std::numeric_limits<double>::quiet_NaN(), {}};
    switch (value.kind()) {
      case plan::Json::Kind::number: parameter.number = value.as_double(); break;
      case plan::Json::Kind::boolean: parameter.number = value.as_bool() ? 1 : 0; break;
      case plan::Json::Kind::text: parameter.text = value.as_text(); break;
      default:
        throw Failure("ERR_PARAMETER", "Kernel " + std::string(kernel) + ": '" + name + "' must be a number, a text or a boolean.");
    }
    parameters.push_back(parameter);
  }
  return parameters;
}

KernelOutcome run_own(KernelCall& call) {
  Device& device = call.device;
  // The rows stay on the device until the results are here.
  std::vector<std::shared_ptr<const exec::Frame>> frames;
  std::vector<std::vector<kernels::Column>> columns;
  std::vector<kernels::TableView> tables;
  for (Table* const table : call.tables) {
    const exec::Frame& frame = *frames.emplace_back(table->use());
    std::vector<kernels::Column>& views = columns.emplace_back();
    for (std::size_t i = 0; i < frame.columns.size(); ++i)
      views.push_back(column_of(call.name, frame.schema[i], frame.columns[i]->view()));
  }
  for (std::size_t i = 0; i < frames.size(); ++i) tables.push_back({columns[i], static_cast<std::uint64_t>(frames[i]->rows)});
  std::vector<kernels::HostArray> arrays;
  for (const wf_array& array : call.arrays)
    arrays.push_back({array.name, kernels::type_named(array.type), array.data, array.length});
  const std::vector<kernels::Parameter> parameters = parameters_of(call.name, call.params);

  StreamMemory memory(device);
  kernels::Call own{device.stream().get(), memory, tables, arrays, parameters, {}, {}};
  try {
    kernels::run_entry(*kernels::find_entry(call.name), own);
  } catch (const Failure& failure) {
    // Where CUDA gave up the device, the stream says the same in the words that mark it as lost.
    if (failure.code == "ERR_DEVICE") device.stream().sync();
    throw;
  }
  check_cancelled(call.run);
  KernelOutcome outcome;
  for (const kernels::Result& result : own.results) {
    OwnedArray& made = outcome.arrays.emplace_back(OwnedArray{result.name, std::string(kernels::name_of(result.type)), result.length, {}});
    made.bytes.resize(kernels::bytes_of(result.type) * result.length);
    device.copy_to_host(made.bytes.data(), result.data, made.bytes.size());
  }
  device.stream().sync();
  return outcome;
}

}  // namespace

std::span<const Kernel> kernels() {
  static const std::vector<Kernel>* const all = [] {
    auto* const rows = new std::vector<Kernel>();
    for (const kernels::Entry& entry : kernels::table()) rows->push_back({entry.name, run_own});
    return rows;
  }();
  return *all;
}

const Kernel* find_kernel(std::string_view name) {
  for (const Kernel& kernel : kernels())
    if (kernel.name == name) return &kernel;
  return nullptr;
}

}  // namespace warpframe::engine
