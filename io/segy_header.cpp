/// The binary header and the trace headers of SEG-Y, in bytes and in SI units.
#include "segy_format.hpp"
#include <lop/core/error.hpp>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

namespace lop::io::segy {
namespace {

constexpr std::uint32_t byte_order_mark = 0x01020304;
constexpr int first_binary_byte = 3201;

// ---- reading ------------------------------------------------------------------------------

// Integers and doubles at the byte positions that the standard prints, counted from 1.
class Reader {
 public:
    Reader(const unsigned char* bytes, SegyByteOrder order, int first_byte = 1)
        : bytes_{bytes}, order_{order}, first_{first_byte} {}
    std::uint64_t u8(int byte) const { return get_unsigned(bytes_ + byte - first_, 1, order_); }
    std::uint64_t u16(int byte) const { return get_unsigned(bytes_ + byte - first_, 2, order_); }
    std::uint64_t u32(int byte) const { return get_unsigned(bytes_ + byte - first_, 4, order_); }
    std::uint64_t u64(int byte) const { return get_unsigned(bytes_ + byte - first_, 8, order_); }
    std::int64_t i16(int byte) const { return static_cast<std::int16_t>(u16(byte)); }
    std::int64_t i32(int byte) const { return static_cast<std::int32_t>(u32(byte)); }
    std::int64_t i64(int byte) const { return static_cast<std::int64_t>(u64(byte)); }
    double real(int byte) const { return std::bit_cast<double>(u64(byte)); }

 private:
    const unsigned char* bytes_;
    SegyByteOrder order_;
    int first_;
};

bool is_standard_scalar(std::int64_t scalar) {
    const std::int64_t size = scalar < 0 ? -scalar : scalar;
    return size == 0 || size == 1 || size == 10 || size == 100 || size == 1000 || size == 10000;
}

// Division where the scalar divides: 100 / 1000 is nearer to 0.1 than 100 * 0.001.
struct Scale {
    double times = 1, over = 1;
};

Scale scale_of(std::int64_t scalar, TraceOddities* oddities = nullptr) {
    if (!is_standard_scalar(scalar)) {
        if (oddities != nullptr) {
            ++oddities->scalars;
            oddities->strange_scalar = scalar;
        }
        return {};
    }
    if (scalar == 0) return {};
    if (scalar > 0) return {.times = static_cast<double>(scalar)};
    return {.over = static_cast<double>(-scalar)};
}

double scaled(std::int64_t value, const Scale& scale) {
    return static_cast<double>(value) * scale.times / scale.over;
}

double interval_unit(SegyAxis axis) { return axis == SegyAxis::time ? 1e6 : 1e3; }

// Seconds or metres from a stored interval; zero where the field says nothing.
double to_interval(double stored, const SegySurvey& survey) {
    if (!(stored > 0) || !std::isfinite(stored)) return 0.0;
    const double length = survey.options.axis == SegyAxis::depth ? survey.length_unit : 1.0;
    return stored / interval_unit(survey.options.axis) * length;
}

void note_units(const Reader& field, int revision, TraceOddities& oddities) {
    const std::int64_t unit = field.i16(89);
    const bool known_angle = unit == 2 || (revision >= 1 && (unit == 3 || unit == 4));
    const bool placed =
        field.i32(73) != 0 || field.i32(77) != 0 || field.i32(81) != 0 || field.i32(85) != 0;
    if (known_angle && placed) ++oddities.geographic;
    if (!known_angle && unit != 0 && unit != 1) ++oddities.units;
}

// Seconds or metres of the first sample; the scalar of times exists from revision 1 on.
double start_of(const Reader& field, const SegySurvey& survey) {
    const bool has_scalar = survey.options.kind == SegyKind::segy && survey.revision >= 1;
    const double stored = scaled(field.i16(109), has_scalar ? scale_of(field.i16(215)) : Scale{});
    return survey.options.axis == SegyAxis::time ? stored / 1e3 : stored * survey.length_unit;
}

// Trace header extension 1 of revision 2: a nonzero value replaces that of the standard header.
void decode_extension(const unsigned char* bytes, const SegySurvey& survey, SegyTrace& trace) {
    const Reader field{bytes, survey.byte_order};
    auto replace = [&](double& value, int byte, double sign) {
        const double real = field.real(byte);
        if (std::isfinite(real) && real != 0) value = sign * real * survey.length_unit;
    };
    const double up = survey.options.elevation == SegyElevation::up ? -1.0 : 1.0;
    double depth = 0, elevation = 0;
    replace(elevation, 49, up);
    replace(depth, 57, 1.0);
    if (elevation != 0 || depth != 0) trace.source.z = elevation + depth;
    replace(trace.receiver.z, 33, up);
    replace(trace.source.x, 97, 1.0);
    replace(trace.source.y, 105, 1.0);
    replace(trace.receiver.x, 113, 1.0);
    replace(trace.receiver.y, 121, 1.0);
    replace(trace.offset, 129, 1.0);
    replace(trace.cdp_x, 161, 1.0);
    replace(trace.cdp_y, 169, 1.0);
    if (field.i64(17) != 0) trace.field_record = field.i64(17);
    if (field.i32(137) > 0) trace.samples = field.i32(137);
    const double interval = to_interval(field.real(145), survey);
    if (interval > 0) trace.interval = interval;
}

bool has_extension(const unsigned char* header, const SegySurvey& survey) {
    if (survey.header_bytes < 2 * trace_header_bytes) return false;
    const auto* name = header + 2 * trace_header_bytes - 8;
    return std::memcmp(name, "SEG00001", 8) == 0 ||
           std::memcmp(name, "\xe2\xc5\xc7\xf0\xf0\xf0\xf0\xf1", 8) == 0;  // in EBCDIC
}

// ---- writing ------------------------------------------------------------------------------

class Fields {
 public:
    Fields(unsigned char* bytes, SegyByteOrder order, int first_byte = 1)
        : bytes_{bytes}, order_{order}, first_{first_byte} {}

    void put(int byte, int width, std::uint64_t value) {
        for (int i = 0; i < width; ++i) {
            const int place = order_ == SegyByteOrder::big ? width - 1 - i : i;
            bytes_[byte - first_ + place] = static_cast<unsigned char>(value >> (8 * i));
        }
    }

 private:
    unsigned char* bytes_;
    SegyByteOrder order_;
    int first_;
};

std::uint64_t bits(std::int64_t value) { return static_cast<std::uint64_t>(value); }

void check_range(std::int64_t value, int width, const char* what, const std::string& path) {
    const std::int64_t largest = width == 2 ? 32767 : 2147483647;
    if (value >= -largest - 1 && value <= largest) return;
    throw FileError{"write " + path,
                    {.expected = std::string{what} + " between -" + std::to_string(largest) +
                                 " and " + std::to_string(largest),
                     .found = std::to_string(value),
                     .remedy = "write smaller numbers: the header field is short"}};
}

void put_integer(Fields& fields, int byte, std::int64_t value, const char* what,
                 const std::string& path) {
    check_range(value, 4, what, path);
    fields.put(byte, 4, bits(value));
}

// The finest of millimetre, centimetre, decimetre and metre in which all lengths fit 32 bits.
int divisor_for(double largest, const std::string& path) {
    for (const int divisor : {1000, 100, 10, 1})
        if (largest * divisor < 2147483647.0) return divisor;
    throw FileError{"write " + path,
                    {.expected = "positions within 2147483 km",
                     .found = shown(largest) + " m",
                     .remedy = "give finite coordinates in metres"}};
}

double largest_of(std::initializer_list<double> lengths) {
    double largest = 0;
    for (const double length : lengths) {
        if (!std::isfinite(length)) return std::numeric_limits<double>::infinity();
        largest = std::max(largest, std::fabs(length));
    }
    return largest;
}

std::uint64_t stored_length(double metres, int divisor) {
    return bits(std::llround(metres * divisor));
}

// The whole number that stands for value in tolerance; -1 if none.
std::int64_t whole(double value) {
    const double nearest = std::round(value);
    if (std::fabs(value - nearest) > 1e-6 * std::max(1.0, std::fabs(value))) return -1;
    return static_cast<std::int64_t>(nearest);
}

std::int64_t stored_interval(const SegyShape& shape, const SegyWriteOptions& options) {
    const double stored = shape.interval * interval_unit(options.axis);
    if (stored > 32767.5) return 0;  // not for llround either
    const std::int64_t count = whole(stored);
    return count > 0 && count <= 32767 ? count : 0;
}

void put_start(Fields& fields, const SegyTrace& trace, const SegyWriteOptions& options,
               const std::string& path) {
    const double stored = trace.start * (options.axis == SegyAxis::time ? 1e3 : 1.0);
    for (const int divisor : {1, 10, 100, 1000, 10000}) {
        if (divisor > 1 && options.revision < 1) break;
        const double nearest = std::round(stored * divisor);
        if (!(std::fabs(nearest) <= 32767)) break;
        if (std::fabs(stored * divisor - nearest) > 1e-6 * std::max(1.0, std::fabs(nearest)))
            continue;
        fields.put(109, 2, bits(static_cast<std::int64_t>(nearest)));
        if (options.revision >= 1) fields.put(215, 2, bits(divisor == 1 ? 1 : -divisor));
        return;
    }
    const bool time = options.axis == SegyAxis::time;
    throw FileError{"write " + path,
                    {.expected = std::string{"a first sample at "} +
                                 (time ? "milliseconds" : "metres") + " of five digits at most",
                     .found = shown(stored) + (time ? " ms" : " m"),
                     .remedy = "shift the axis (revision 0: to whole numbers)"}};
}

void put_positions(Fields& fields, const SegyTrace& trace, const SegyWriteOptions& options,
                   const std::string& path) {
    const int across = divisor_for(largest_of({trace.source.x, trace.source.y, trace.receiver.x,
                                               trace.receiver.y, trace.cdp_x, trace.cdp_y}),
                                   path);
    const int down = divisor_for(largest_of({trace.source.z, trace.receiver.z}), path);
    const bool up = options.elevation == SegyElevation::up;
    fields.put(41, 4, stored_length(up ? -trace.receiver.z : trace.receiver.z, down));
    if (up && trace.source.z >= 0) fields.put(49, 4, stored_length(trace.source.z, down));
    else fields.put(45, 4, stored_length(up ? -trace.source.z : trace.source.z, down));
    fields.put(69, 2, bits(down == 1 ? 1 : -down));
    fields.put(71, 2, bits(across == 1 ? 1 : -across));
    fields.put(73, 4, stored_length(trace.source.x, across));
    fields.put(77, 4, stored_length(trace.source.y, across));
    fields.put(81, 4, stored_length(trace.receiver.x, across));
    fields.put(85, 4, stored_length(trace.receiver.y, across));
    fields.put(89, 2, 1);
    if (options.revision < 1) return;
    fields.put(181, 4, stored_length(trace.cdp_x, across));
    fields.put(185, 4, stored_length(trace.cdp_y, across));
    put_integer(fields, 189, trace.inline_number, "an inline number", path);
    put_integer(fields, 193, trace.crossline_number, "a crossline number", path);
}

}  // namespace

std::uint64_t get_unsigned(const unsigned char* bytes, int width, SegyByteOrder order) {
    std::uint64_t value = 0;
    for (int i = 0; i < width; ++i)
        value = (value << 8) | bytes[order == SegyByteOrder::big ? i : width - 1 - i];
    return value;
}

BinaryHeader decode_binary(const unsigned char* bytes, SegyByteOrder order) {
    const Reader field{bytes, order, first_binary_byte};
    BinaryHeader header;
    header.interval = field.i16(3217);
    header.samples = static_cast<std::int64_t>(field.u16(3221));
    header.format = static_cast<int>(field.u16(3225));
    header.measurement = static_cast<int>(field.i16(3255));
    header.major = static_cast<int>(field.u8(3501));
    header.minor = static_cast<int>(field.u8(3502));
    header.fixed_length = field.i16(3503) == 1;
    header.text_headers = field.i16(3505);
    header.byte_order_mark = static_cast<std::uint32_t>(field.u32(3297));
    header.extended_samples = field.i32(3269);
    header.extended_interval = field.real(3273);
    header.extra_headers = field.i32(3507);
    header.extra_headers_short = field.i16(3507);
    header.traces = field.u64(3513);
    header.first_trace_byte = field.u64(3521);
    header.trailers = field.i32(3529);
    return header;
}

std::vector<unsigned char> encode_binary(const SegyShape& shape, std::int64_t text_headers,
                                         const SegyWriteOptions& options, const std::string& path) {
    std::vector<unsigned char> bytes(static_cast<std::size_t>(binary_bytes));
    Fields fields{bytes.data(), options.byte_order, first_binary_byte};
    const std::int64_t interval = stored_interval(shape, options);
    if (interval == 0 && options.revision < 2) {
        const bool time = options.axis == SegyAxis::time;
        throw FileError{
            "write " + path,
            {.expected = std::string{"an interval of whole "} +
                         (time ? "microseconds" : "millimetres") + " from 1 to 32767",
             .found = shown(shape.interval * interval_unit(options.axis)),
             .remedy = "choose another interval, or revision 2, which stores it as a double"}};
    }
    const std::int64_t samples = shape.samples <= 65535 ? shape.samples : 0;
    fields.put(3217, 2, bits(interval));
    fields.put(3219, 2, bits(interval));
    fields.put(3221, 2, bits(samples));
    fields.put(3223, 2, bits(samples));
    fields.put(3225, 2, bits(static_cast<int>(options.format)));
    fields.put(3255, 2, 1);
    if (options.revision >= 1) {
        fields.put(3501, 1, bits(options.revision));
        fields.put(3503, 2, 1);
        fields.put(3505, 2, bits(text_headers));
    }
    if (options.revision >= 2) {
        fields.put(3269, 4, bits(shape.samples));
        fields.put(3273, 8,
                   std::bit_cast<std::uint64_t>(shape.interval * interval_unit(options.axis)));
        fields.put(3297, 4, byte_order_mark);
        fields.put(3513, 8, bits(shape.traces));
        fields.put(3521, 8, bits(text_bytes * (1 + text_headers) + binary_bytes));
    }
    return bytes;
}

SegyTrace decode_trace(const unsigned char* header, const SegySurvey& survey,
                       TraceOddities* oddities) {
    const Reader field{header, survey.byte_order};
    const double unit = survey.length_unit;
    const auto& told = survey.options.coordinate_scale;
    const Scale down = told ? Scale{.times = *told} : scale_of(field.i16(69), oddities);
    const Scale across = told ? Scale{.times = *told} : scale_of(field.i16(71), oddities);
    auto height = [&](int byte) { return scaled(field.i32(byte), down) * unit; };
    auto length = [&](int byte) { return scaled(field.i32(byte), across) * unit; };
    const double sign = survey.options.elevation == SegyElevation::up ? -1.0 : 1.0;
    SegyTrace trace;
    trace.sequence = field.i32(1);
    trace.field_record = field.i32(9);
    trace.trace_number = field.i32(13);
    trace.source_number = field.i32(17);
    trace.cdp = field.i32(21);
    trace.cdp_trace = field.i32(25);
    trace.kind = static_cast<int>(field.i16(29));
    trace.offset = static_cast<double>(field.i32(37)) * unit;
    trace.receiver = {length(81), length(85), sign * height(41) + 0.0};  // + 0.0: no minus zero
    trace.source = {length(73), length(77), sign * height(45) + height(49) + 0.0};
    trace.samples = static_cast<std::int64_t>(field.u16(115));
    trace.interval = to_interval(static_cast<double>(field.i16(117)), survey);
    trace.start = start_of(field, survey);
    if (survey.options.kind == SegyKind::segy) {  // SU keeps floats of its own here
        trace.cdp_x = length(181);
        trace.cdp_y = length(185);
        trace.inline_number = field.i32(189);
        trace.crossline_number = field.i32(193);
    }
    if (has_extension(header, survey)) decode_extension(header + trace_header_bytes, survey, trace);
    if (oddities != nullptr) note_units(field, survey.revision, *oddities);
    return trace;
}

void encode_trace(const SegyTrace& trace, std::int64_t index, const SegyShape& shape,
                  const SegyWriteOptions& options, const std::string& path, unsigned char* header) {
    std::memset(header, 0, static_cast<std::size_t>(trace_header_bytes));
    Fields fields{header, options.byte_order};
    put_integer(fields, 1, trace.sequence != 0 ? trace.sequence : index + 1, "a trace number",
                path);
    put_integer(fields, 5, index + 1, "a trace number", path);
    put_integer(fields, 9, trace.field_record, "a field record number", path);
    put_integer(fields, 13, trace.trace_number, "a trace number", path);
    put_integer(fields, 17, trace.source_number, "a source number", path);
    put_integer(fields, 21, trace.cdp, "a CDP number", path);
    put_integer(fields, 25, trace.cdp_trace, "a trace number", path);
    check_range(trace.kind, 2, "a trace identification code", path);
    fields.put(29, 2, bits(trace.kind));
    fields.put(35, 2, 1);
    divisor_for(largest_of({trace.offset}), path);
    fields.put(37, 4, stored_length(trace.offset, 1));
    put_positions(fields, trace, options, path);
    put_start(fields, trace, options, path);
    fields.put(115, 2, bits(shape.samples <= 65535 ? shape.samples : 0));
    fields.put(117, 2, bits(stored_interval(shape, options)));
}

}  // namespace lop::io::segy
