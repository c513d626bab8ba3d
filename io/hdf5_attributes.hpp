/// Attributes of an open HDF5 object.
#pragma once

#include "hdf5_handle.hpp"
#include <lop/io/hdf5.hpp>

#include <optional>
#include <string>

namespace lop::io {

/// Bytes that the value takes in the file.
std::size_t attribute_bytes(const AttributeValue& value);

/// The value in one line, exact: equal texts mean equal values.
std::string attribute_text(const AttributeValue& value);

/// Collective where the file is. Throws Hdf5Refusal.
void write_attribute(hid_t object, const std::string& key, const AttributeValue& value);

bool attribute_exists(hid_t object, const std::string& key);

/// None if the attribute is of a kind that AttributeValue does not hold. Throws Hdf5Refusal.
std::optional<AttributeValue> read_attribute(hid_t object, const std::string& key);

/// The names of an object's attributes, sorted.
std::vector<std::string> attribute_names(hid_t object);

/// "float64", "string", ... of a held value.
std::string attribute_kind(const AttributeValue& value);

/// As V, or none where that would not be the same value.
template <class V>
std::optional<V> attribute_as(const AttributeValue& value);

}  // namespace lop::io
