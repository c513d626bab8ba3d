/// HDF5's error stack and its types in words.
#include "hdf5_handle.hpp"

#include <complex>
#include <cstdint>

namespace lop::io {
namespace {

herr_t take_innermost(unsigned, const H5E_error2_t* error, void* reason) {
    auto& text = *static_cast<std::string*>(reason);
    if (text.empty() && error->desc != nullptr) text = error->desc;
    return 0;
}

constexpr const char* complex_members[] = {"r", "i"};  // as h5py and HDF5.jl name them

/// The pair that stands for a complex number; HDF5 keeps it until it ends.
hid_t complex_type(hid_t real) {
    const std::size_t bytes = H5Tget_size(real);
    const hid_t type = need(H5Tcreate(H5T_COMPOUND, 2 * bytes));
    need(H5Tinsert(type, complex_members[0], 0, real));
    need(H5Tinsert(type, complex_members[1], bytes, real));
    need(H5Tlock(type));
    return type;
}

}  // namespace

std::string hdf5_reason() {
    std::string reason;
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, take_innermost, &reason);  // begins at the innermost
    H5Eclear2(H5E_DEFAULT);
    return reason.empty() ? "no reason given" : reason;
}

template <>
hid_t disk_type<float>() {
    return H5T_IEEE_F32LE;
}
template <>
hid_t disk_type<double>() {
    return H5T_IEEE_F64LE;
}
template <>
hid_t disk_type<std::int32_t>() {
    return H5T_STD_I32LE;
}
template <>
hid_t disk_type<std::int64_t>() {
    return H5T_STD_I64LE;
}

template <>
hid_t memory_type<float>() {
    return H5T_NATIVE_FLOAT;
}
template <>
hid_t memory_type<double>() {
    return H5T_NATIVE_DOUBLE;
}
template <>
hid_t memory_type<std::int32_t>() {
    return H5T_NATIVE_INT32;
}
template <>
hid_t memory_type<std::int64_t>() {
    return H5T_NATIVE_INT64;
}

template <>
hid_t disk_type<std::complex<float>>() {
    static const hid_t type = complex_type(H5T_IEEE_F32LE);
    return type;
}
template <>
hid_t disk_type<std::complex<double>>() {
    static const hid_t type = complex_type(H5T_IEEE_F64LE);
    return type;
}
template <>
hid_t memory_type<std::complex<float>>() {
    static const hid_t type = complex_type(H5T_NATIVE_FLOAT);
    return type;
}
template <>
hid_t memory_type<std::complex<double>>() {
    static const hid_t type = complex_type(H5T_NATIVE_DOUBLE);
    return type;
}

bool is_complex_type(hid_t type) {
    if (H5Tget_class(type) != H5T_COMPOUND || H5Tget_nmembers(type) != 2) return false;
    std::size_t bytes = 0;
    for (unsigned member = 0; member < 2; ++member) {
        char* const letters = H5Tget_member_name(type, member);
        const std::string name = letters == nullptr ? "" : letters;
        H5free_memory(letters);
        const Handle real = type_handle(H5Tget_member_type(type, member));
        if (name != complex_members[member] || H5Tget_class(real) != H5T_FLOAT ||
            2 * H5Tget_size(real) != H5Tget_size(type) ||
            H5Tget_member_offset(type, member) != bytes)
            return false;
        bytes += H5Tget_size(real);
    }
    return true;
}

std::string type_text(hid_t type) {
    const std::string bits = std::to_string(8 * H5Tget_size(type));
    switch (H5Tget_class(type)) {
        case H5T_FLOAT: return "float" + bits;
        case H5T_INTEGER: return (H5Tget_sign(type) == H5T_SGN_NONE ? "uint" : "int") + bits;
        case H5T_STRING: return "string";
        case H5T_COMPOUND: return is_complex_type(type) ? "complex" + bits : "compound";
        case H5T_ENUM: return "enumeration";
        case H5T_BITFIELD: return "bitfield" + bits;
        case H5T_OPAQUE: return "opaque";
        case H5T_REFERENCE: return "reference";
        case H5T_VLEN: return "ragged array";
        case H5T_ARRAY: return "array";
        default: return "unknown";
    }
}

}  // namespace lop::io
