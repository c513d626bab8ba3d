/// Raw arrays: bytes counted, byte order and axes turned, scalars converted.
#include <lop/io/raw.hpp>

#include <lop/io/atomic_file.hpp>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <fstream>
#include <string>
#include <type_traits>

namespace lop::io {
namespace fs = std::filesystem;
namespace {

std::int64_t scalar_bytes(RawScalar scalar) { return scalar == RawScalar::float32 ? 4 : 8; }

std::string scalar_text(RawScalar scalar) {
    return scalar == RawScalar::float32 ? "float32" : "float64";
}

std::string extents_of(const RawLayout& layout) {
    std::string text;
    for (const std::int64_t length : layout.extents)
        text += (text.empty() ? "" : " x ") + std::to_string(length);
    return text;
}

/// Number of elements; refuses extents that are no extents.
std::int64_t elements(const std::string& asked, const RawLayout& layout) {
    std::int64_t count = 1;
    double size = 8.0;
    bool good = !layout.extents.empty() && layout.header_bytes >= 0;
    for (const std::int64_t length : layout.extents) {
        size *= static_cast<double>(length);
        good = good && length > 0 && size < 0x1p62;
        if (good) count *= length;
    }
    if (good) return count;
    throw FileError{
        asked,
        {.expected = "positive extents and a header of no negative length",
         .found = extents_of(layout) + " after " + std::to_string(layout.header_bytes) + " bytes",
         .remedy = "declare how many samples there are along each axis"}};
}

/// Which mistake explains the size of the file best?
std::string guess(std::int64_t found, std::int64_t count, const RawLayout& layout) {
    const std::int64_t data = found - layout.header_bytes;
    const RawScalar other =
        layout.scalar == RawScalar::float32 ? RawScalar::float64 : RawScalar::float32;
    if (data == count * scalar_bytes(other)) return "it would fit " + scalar_text(other);
    const std::int64_t bytes = scalar_bytes(layout.scalar);
    std::int64_t rest = 1;  // samples in one step along the first axis
    for (std::size_t axis = 1; axis < layout.extents.size(); ++axis) rest *= layout.extents[axis];
    if (data > 0 && data % (rest * bytes) == 0) {
        return "it would fit a first extent of " + std::to_string(data / (rest * bytes)) +
               ": check the extents";
    }
    return "check the extents, the scalar type and the length of a header";
}

void check_size(const std::string& asked, const fs::path& path, const RawLayout& layout,
                std::int64_t count) {
    std::error_code failed;
    check_regular(asked, path);
    const auto size = fs::file_size(path, failed);
    if (failed) throw file_failure(asked, path, failed.value());
    const auto found = static_cast<std::int64_t>(size);
    const std::int64_t expected = layout.header_bytes + count * scalar_bytes(layout.scalar);
    if (found == expected) return;
    const std::string header =
        layout.header_bytes == 0
            ? ""
            : " after " + std::to_string(layout.header_bytes) + " bytes of header";
    throw FileError{asked,
                    {.expected = std::to_string(expected) + " bytes: " + extents_of(layout) +
                                 " of " + scalar_text(layout.scalar) + header,
                     .found = std::to_string(found) + " bytes",
                     .remedy = guess(found, count, layout)}};
}

bool is_foreign(ByteOrder order) {
    return (order == ByteOrder::little) != (std::endian::native == std::endian::little);
}

void swap_bytes(char* data, std::int64_t count, std::int64_t bytes) {
    for (std::int64_t i = 0; i < count; ++i) std::reverse(data + i * bytes, data + (i + 1) * bytes);
}

/// Where in the file the element lies that is the i-th in row-major order.
std::int64_t place_in_file(const RawLayout& layout, std::int64_t i, std::int64_t count) {
    if (layout.fastest == FastAxis::last) return i;
    std::int64_t place = 0;
    std::int64_t stride = count;  // of axis k in the file: the product of the extents before it
    for (std::size_t k = layout.extents.size(); k-- > 0;) {
        stride /= layout.extents[k];
        place += i % layout.extents[k] * stride;
        i /= layout.extents[k];
    }
    return place;
}

template <class Stored, class T>
std::vector<T> read_as(const std::string& asked, const fs::path& path, const RawLayout& layout,
                       std::int64_t count) {
    std::vector<Stored> stored(static_cast<std::size_t>(count));
    char* bytes = reinterpret_cast<char*>(stored.data());
    errno = 0;
    std::ifstream file{path, std::ios::binary};
    file.seekg(layout.header_bytes);
    if (!file.read(bytes, count * std::int64_t{sizeof(Stored)}))
        throw file_failure(asked, path, errno == 0 ? EIO : errno);
    if (is_foreign(layout.order)) swap_bytes(bytes, count, sizeof(Stored));
    if constexpr (std::is_same_v<Stored, T>) {
        if (layout.fastest == FastAxis::last) return stored;
    }
    std::vector<T> values(stored.size());
    for (std::int64_t i = 0; i < count; ++i) {
        const auto place = static_cast<std::size_t>(place_in_file(layout, i, count));
        values[static_cast<std::size_t>(i)] = static_cast<T>(stored[place]);
    }
    return values;
}

template <class Stored, class T>
void write_as(const fs::path& path, const T* values, const RawLayout& layout, std::int64_t count) {
    std::vector<Stored> stored(static_cast<std::size_t>(count));
    for (std::int64_t i = 0; i < count; ++i) {
        const auto place = static_cast<std::size_t>(place_in_file(layout, i, count));
        stored[place] = static_cast<Stored>(values[i]);
    }
    char* bytes = reinterpret_cast<char*>(stored.data());
    if (is_foreign(layout.order)) swap_bytes(bytes, count, sizeof(Stored));
    AtomicFile file{path};
    file.write(bytes, stored.size() * sizeof(Stored));
    file.commit();
}

}  // namespace

template <class T>
std::vector<T> read_raw(const fs::path& path, const RawLayout& layout) {
    const std::string asked = "read " + path.string();
    const std::int64_t count = elements(asked, layout);
    check_size(asked, path, layout, count);
    return layout.scalar == RawScalar::float32 ? read_as<float, T>(asked, path, layout, count)
                                               : read_as<double, T>(asked, path, layout, count);
}

template <class T>
void write_raw(const fs::path& path, const T* values, const RawLayout& layout) {
    const std::string asked = "write " + path.string();
    const std::int64_t count = elements(asked, layout);
    if (layout.header_bytes != 0) {
        throw FileError{asked,
                        {.expected = "no header",
                         .found = std::to_string(layout.header_bytes) + " bytes of header",
                         .remedy = "write raw arrays without one"}};
    }
    if (layout.scalar == RawScalar::float32) write_as<float>(path, values, layout, count);
    else write_as<double>(path, values, layout, count);
}

template <class T>
std::optional<std::int64_t> first_non_finite(const T* values, std::int64_t count) {
    const T* found = std::find_if(values, values + count, [](T v) { return !std::isfinite(v); });
    if (found == values + count) return std::nullopt;
    return found - values;
}

template std::vector<float> read_raw(const fs::path&, const RawLayout&);
template std::vector<double> read_raw(const fs::path&, const RawLayout&);
template void write_raw(const fs::path&, const float*, const RawLayout&);
template void write_raw(const fs::path&, const double*, const RawLayout&);
template std::optional<std::int64_t> first_non_finite(const float*, std::int64_t);
template std::optional<std::int64_t> first_non_finite(const double*, std::int64_t);

}  // namespace lop::io
