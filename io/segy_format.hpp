/// The bytes of SEG-Y: fields, headers, samples and text, between file and memory.
#pragma once

#include <lop/io/segy.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace lop::io::segy {

inline constexpr std::int64_t text_bytes = 3200;
inline constexpr std::int64_t binary_bytes = 400;
inline constexpr std::int64_t trace_header_bytes = 240;
inline constexpr double foot = 0.3048;  // metres, exact by definition

std::uint64_t get_unsigned(const unsigned char* bytes, int width, SegyByteOrder order);

/// The fields of the binary header that decide how a file is read.
struct BinaryHeader {
    std::int64_t interval = 0;  // as stored: microseconds or thousandths of a length unit
    std::int64_t samples = 0;
    int format = 0;
    int measurement = 0;
    int major = 0, minor = 0;
    bool fixed_length = false;
    std::int64_t text_headers = 0;
    std::uint32_t byte_order_mark = 0;  // 0x01020304 where revision 2 set it
    std::int64_t extended_samples = 0;  // the rest: revision 2
    double extended_interval = 0;
    std::int64_t extra_headers = 0;        // as 32 bits
    std::int64_t extra_headers_short = 0;  // as 16 bits, the way some write it
    std::uint64_t traces = 0;
    std::uint64_t first_trace_byte = 0;
    std::int64_t trailers = 0;
};

BinaryHeader decode_binary(const unsigned char* bytes, SegyByteOrder order);
std::vector<unsigned char> encode_binary(const SegyShape& shape, std::int64_t text_headers,
                                         const SegyWriteOptions& options, const std::string& path);

/// Oddities met while decoding trace headers, for one warning each.
struct TraceOddities {
    std::int64_t scalars = 0;  // scalars outside the standard
    std::int64_t strange_scalar = 0;
    std::int64_t geographic = 0;  // positions that are angles
    std::int64_t units = 0;       // unknown code of coordinate units
};

/// `header` holds survey.header_bytes.
SegyTrace decode_trace(const unsigned char* header, const SegySurvey& survey,
                       TraceOddities* oddities = nullptr);
/// Fills 240 bytes at `header`.
void encode_trace(const SegyTrace& trace, std::int64_t index, const SegyShape& shape,
                  const SegyWriteOptions& options, const std::string& path, unsigned char* header);

bool is_format_code(int code);      // any of the standard's
bool is_readable_format(int code);  // those of SegyFormat
int sample_bytes(SegyFormat format);
std::string format_name(SegyFormat format);

void decode_samples(const unsigned char* bytes, std::int64_t count, SegyFormat format,
                    SegyByteOrder order, float* out);
/// Returns -1, or the position of the first sample that the format cannot hold.
std::int64_t encode_samples(const float* samples, std::int64_t count, SegyFormat format,
                            SegyByteOrder order, unsigned char* bytes);

/// One text header of 3200 bytes, EBCDIC or ASCII, as text of 40 x 80 characters.
std::string decode_text(const unsigned char* bytes);
std::vector<unsigned char> encode_text(const SegyWriteOptions& options);  // EBCDIC

/// A number as one would write it: 0.004, 2000.
std::string shown(double value);

}  // namespace lop::io::segy
