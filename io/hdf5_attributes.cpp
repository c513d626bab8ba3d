/// Attributes: fixed-length UTF-8 strings, 64-bit numbers and vectors; others' kinds are read too.
#include "hdf5_attributes.hpp"

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <type_traits>

namespace lop::io {
namespace {

Handle string_type(std::size_t bytes) {
    Handle type = type_handle(H5Tcopy(H5T_C_S1));
    need(H5Tset_size(type, bytes));
    need(H5Tset_strpad(type, H5T_STR_NULLPAD));
    need(H5Tset_cset(type, H5T_CSET_UTF8));
    return type;
}

void write_as(hid_t object, const std::string& key, hid_t disk, hid_t memory, hid_t space,
              const void* value) {
    const Handle attribute =
        attribute_handle(H5Acreate2(object, key.c_str(), disk, space, H5P_DEFAULT, H5P_DEFAULT));
    if (value != nullptr) need(H5Awrite(attribute, memory, value));
}

std::string read_string(hid_t attribute, hid_t type) {
    if (need(H5Tis_variable_str(type)) > 0) {
        const Handle memory = type_handle(H5Tcopy(H5T_C_S1));
        need(H5Tset_size(memory, H5T_VARIABLE));
        need(H5Tset_cset(memory, H5Tget_cset(type)));
        char* characters = nullptr;
        need(H5Aread(attribute, memory, static_cast<void*>(&characters)));
        const std::string text = characters == nullptr ? "" : characters;
        H5free_memory(characters);
        return text;
    }
    std::string text(H5Tget_size(type), '\0');
    need(H5Aread(attribute, type, text.data()));
    const bool padded_with_spaces = H5Tget_strpad(type) == H5T_STR_SPACEPAD;
    text.resize(std::min(text.find('\0'), text.size()));
    if (padded_with_spaces) text.resize(text.find_last_not_of(' ') + 1);
    return text;
}

herr_t keep_name(hid_t, const char* name, const H5A_info_t*, void* names) {
    static_cast<std::vector<std::string>*>(names)->emplace_back(name);
    return 0;
}

std::string exact(double value) {
    char text[40];
    std::snprintf(text, sizeof text, "%a", value);
    return text;
}

}  // namespace

std::size_t attribute_bytes(const AttributeValue& value) {
    if (const auto* text = std::get_if<std::string>(&value)) return text->size();
    if (const auto* vector = std::get_if<std::vector<double>>(&value)) return 8 * vector->size();
    return 8;
}

std::string attribute_text(const AttributeValue& value) {
    const std::string kind = std::to_string(value.index()) + ":";
    if (const auto* number = std::get_if<double>(&value)) return kind + exact(*number);
    if (const auto* whole = std::get_if<std::int64_t>(&value)) return kind + std::to_string(*whole);
    if (const auto* text = std::get_if<std::string>(&value)) return kind + *text;
    std::string list = kind;
    for (const double number : std::get<std::vector<double>>(value)) list += exact(number) + ",";
    return list;
}

std::string attribute_kind(const AttributeValue& value) {
    if (std::holds_alternative<double>(value)) return "float64";
    if (std::holds_alternative<std::int64_t>(value)) return "int64";
    if (std::holds_alternative<std::string>(value)) return "string";
    return "vector of " + std::to_string(std::get<std::vector<double>>(value).size());
}

void write_attribute(hid_t object, const std::string& key, const AttributeValue& value) {
    const Handle scalar = space_handle(H5Screate(H5S_SCALAR));
    if (const auto* number = std::get_if<double>(&value)) {
        write_as(object, key, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, scalar, number);
    } else if (const auto* whole = std::get_if<std::int64_t>(&value)) {
        write_as(object, key, H5T_STD_I64LE, H5T_NATIVE_INT64, scalar, whole);
    } else if (const auto* text = std::get_if<std::string>(&value)) {
        // HDF5 has no string of length 0: the empty one is a single NUL.
        const Handle type = string_type(std::max<std::size_t>(text->size(), 1));
        write_as(object, key, type, type, scalar, text->c_str());
    } else {
        const auto& vector = std::get<std::vector<double>>(value);
        const hsize_t length = vector.size();
        const Handle space = length == 0 ? space_handle(H5Screate(H5S_NULL))
                                         : space_handle(H5Screate_simple(1, &length, nullptr));
        write_as(object, key, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, space,
                 length == 0 ? nullptr : vector.data());
    }
}

bool attribute_exists(hid_t object, const std::string& key) {
    return need(H5Aexists(object, key.c_str())) > 0;
}

std::optional<AttributeValue> read_attribute(hid_t object, const std::string& key) {
    const Handle attribute = attribute_handle(H5Aopen(object, key.c_str(), H5P_DEFAULT));
    const Handle type = type_handle(H5Aget_type(attribute));
    const Handle space = space_handle(H5Aget_space(attribute));
    const H5T_class_t kind = H5Tget_class(type);
    const bool scalar = H5Sget_simple_extent_type(space) == H5S_SCALAR;
    const auto count = static_cast<std::size_t>(need(H5Sget_simple_extent_npoints(space)));
    if (kind == H5T_STRING && count == 1) return read_string(attribute, type);
    if (kind == H5T_INTEGER && scalar) {
        std::int64_t value = 0;
        need(H5Aread(attribute, H5T_NATIVE_INT64, &value));
        return value;
    }
    if (kind != H5T_FLOAT && kind != H5T_INTEGER) return std::nullopt;
    std::vector<double> values(count);
    if (count > 0) need(H5Aread(attribute, H5T_NATIVE_DOUBLE, values.data()));
    if (scalar) return values.front();
    return values;
}

std::vector<std::string> attribute_names(hid_t object) {
    std::vector<std::string> names;
    hsize_t position = 0;
    need(H5Aiterate2(object, H5_INDEX_NAME, H5_ITER_INC, &position, keep_name, &names));
    return names;
}

template <class V>
std::optional<V> attribute_as(const AttributeValue& value) {
    if (const auto* same = std::get_if<V>(&value)) return *same;
    const auto* number = std::get_if<double>(&value);
    const auto* whole = std::get_if<std::int64_t>(&value);
    const auto* vector = std::get_if<std::vector<double>>(&value);
    if constexpr (std::is_same_v<V, double>) {
        if (whole) return static_cast<double>(*whole);
        if (vector && vector->size() == 1) return vector->front();
    } else if constexpr (std::is_same_v<V, std::int64_t>) {
        // Below 2^53 a double holds whole numbers exactly.
        const bool single = vector && vector->size() == 1;
        if (single && std::abs(vector->front()) < 0x1p53 &&
            std::trunc(vector->front()) == vector->front()) {
            return static_cast<std::int64_t>(vector->front());
        }
    } else if constexpr (std::is_same_v<V, std::vector<double>>) {
        if (number) return V{*number};
        if (whole) return V{static_cast<double>(*whole)};
    }
    return std::nullopt;
}

template std::optional<double> attribute_as(const AttributeValue&);
template std::optional<std::int64_t> attribute_as(const AttributeValue&);
template std::optional<std::string> attribute_as(const AttributeValue&);
template std::optional<std::vector<double>> attribute_as(const AttributeValue&);

}  // namespace lop::io
