// Questions about a data_type, answered by the header's templates for the C++ type it stands for.
#include <variant>

#include <cudf/lists/list_view.hpp>
#include <cudf/strings/string_view.hpp>
#include <cudf/structs/struct_view.hpp>
#include <cudf/utilities/traits.hpp>
#include <cudf/utilities/type_dispatcher.hpp>

namespace cudf {

#define HOSTCUDF_TRAIT(trait)                                     \
  namespace {                                                     \
  struct asks_##trait {                                           \
    template <typename T>                                         \
    bool operator()() const {                                     \
      return trait<T>();                                          \
    }                                                             \
  };                                                              \
  }                                                               \
  bool trait(data_type type) { return type.id() != type_id::EMPTY && type_dispatcher(type, asks_##trait{}); }

HOSTCUDF_TRAIT(is_numeric)
HOSTCUDF_TRAIT(is_index_type)
HOSTCUDF_TRAIT(is_signed)
HOSTCUDF_TRAIT(is_unsigned)
HOSTCUDF_TRAIT(is_integral)
HOSTCUDF_TRAIT(is_integral_not_bool)
HOSTCUDF_TRAIT(is_numeric_not_bool)
HOSTCUDF_TRAIT(is_floating_point)
HOSTCUDF_TRAIT(is_boolean)
HOSTCUDF_TRAIT(is_timestamp)
HOSTCUDF_TRAIT(is_fixed_point)
HOSTCUDF_TRAIT(is_duration)
HOSTCUDF_TRAIT(is_chrono)
HOSTCUDF_TRAIT(is_dictionary)
HOSTCUDF_TRAIT(is_dictionary_key)
HOSTCUDF_TRAIT(is_fixed_width)
HOSTCUDF_TRAIT(is_compound)
HOSTCUDF_TRAIT(is_nested)

namespace {

struct asks_relational {
  template <typename T>
  bool operator()() const { return is_relationally_comparable<T, T>(); }
};
struct asks_equality {
  template <typename T>
  bool operator()() const { return is_equality_comparable<T, T>(); }
};
struct asks_size {
  template <typename T>
  std::size_t operator()() const {
    if constexpr (is_fixed_width<T>()) {
      return sizeof(device_storage_type_t<T>);
    } else {
      CUDF_FAIL("Invalid, non fixed-width element type.");
    }
  }
};

}  // namespace

bool is_relationally_comparable(data_type type) { return type_dispatcher(type, asks_relational{}); }
bool is_equality_comparable(data_type type) { return type_dispatcher(type, asks_equality{}); }
std::size_t size_of(data_type type) {
  CUDF_EXPECTS(type.id() != type_id::EMPTY, "Invalid, non fixed-width element type.");
  return type_dispatcher(type, asks_size{});
}
bool is_bit_castable(data_type from, data_type to) {
  return is_fixed_width(from) && is_fixed_width(to) && size_of(from) == size_of(to);
}
std::string type_to_name(data_type type) { return type_dispatcher(type, type_to_name_impl{}); }

}  // namespace cudf
