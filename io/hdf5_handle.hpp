/// HDF5 identifiers that close themselves, and its errors as C++ values.
#pragma once

#include <hdf5.h>
#include <string>
#include <utility>

namespace lop::io {

/// HDF5 said no, and why; turned into a FileError where the file and the purpose are known.
struct Hdf5Refusal {
    std::string reason;
};

/// The innermost reason on HDF5's error stack.
std::string hdf5_reason();

/// Hands on an identifier or a status that is no failure.
template <class Code>
Code need(Code code) {
    if (code < 0) throw Hdf5Refusal{hdf5_reason()};
    return code;
}

/// An identifier with its way of closing.
class Handle {
 public:
    Handle() = default;
    Handle(hid_t id, herr_t (*closer)(hid_t)) : id_{need(id)}, close_{closer} {}
    Handle(Handle&& other) noexcept : id_{std::exchange(other.id_, -1)}, close_{other.close_} {}
    Handle& operator=(Handle&& other) noexcept {
        std::swap(id_, other.id_);
        std::swap(close_, other.close_);
        return *this;
    }
    ~Handle() { close(); }

    operator hid_t() const { return id_; }

    herr_t close() noexcept { return id_ < 0 ? 0 : close_(std::exchange(id_, -1)); }

 private:
    hid_t id_ = -1;
    herr_t (*close_)(hid_t) = nullptr;
};

/// While it lives, HDF5 prints no error stacks.
class QuietHdf5 {
 public:
    QuietHdf5() {
        H5Eget_auto2(H5E_DEFAULT, &print_, &data_);
        H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
    }
    ~QuietHdf5() { H5Eset_auto2(H5E_DEFAULT, print_, data_); }
    QuietHdf5(const QuietHdf5&) = delete;
    QuietHdf5& operator=(const QuietHdf5&) = delete;

 private:
    H5E_auto2_t print_ = nullptr;
    void* data_ = nullptr;
};

/// The type on disk (little-endian) and in memory of a C++ scalar.
template <class T>
hid_t disk_type();
template <class T>
hid_t memory_type();

/// Is it a pair of real numbers r and i?
bool is_complex_type(hid_t type);

/// "float32", "complex64", "uint8", "string", ... of an HDF5 type.
std::string type_text(hid_t type);

inline Handle object_handle(hid_t id) { return {id, H5Oclose}; }
inline Handle dataset_handle(hid_t id) { return {id, H5Dclose}; }
inline Handle space_handle(hid_t id) { return {id, H5Sclose}; }
inline Handle type_handle(hid_t id) { return {id, H5Tclose}; }
inline Handle list_handle(hid_t id) { return {id, H5Pclose}; }
inline Handle attribute_handle(hid_t id) { return {id, H5Aclose}; }

}  // namespace lop::io
