/// Raw binary arrays: numbers without a header, whose shape the reader declares.
#pragma once

#include <lop/core/error.hpp>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

namespace lop::io {

enum class RawScalar { float32, float64 };
enum class ByteOrder { little, big };
/// Which of the axes runs fastest in the file: the last (C, row-major) or the first (Fortran).
enum class FastAxis { last, first };

/// What a file without a header cannot say. Marmousi of 1601 (x) times 401 (z) samples, z fastest:
///
///     read_raw<float>("vp.f32", {.extents = {1601, 401}})
struct RawLayout {
    std::vector<std::int64_t> extents{};  // in the order in which the array is wanted, (x, z)
    RawScalar scalar = RawScalar::float32;
    ByteOrder order = ByteOrder::little;
    FastAxis fastest = FastAxis::last;
    std::int64_t header_bytes = 0;  // skipped at the beginning
};

/// Reads the array, row-major in the order of `extents` (last axis fastest) whatever the file's
/// order. T is float or double, converted from the file's scalar. The file must hold exactly the
/// bytes that the layout asks for. Values are not looked at: see first_non_finite. Not
/// collective. FileError.
template <class T>
std::vector<T> read_raw(const std::filesystem::path& path, const RawLayout& layout);

/// Writes row-major values of extents layout.extents in that layout (header_bytes must be 0), whole
/// or not at all. FileError.
template <class T>
void write_raw(const std::filesystem::path& path, const T* values, const RawLayout& layout);

/// Position of the first NaN or infinity, if there is one. T is float or double.
template <class T>
std::optional<std::int64_t> first_non_finite(const T* values, std::int64_t count);

}  // namespace lop::io
