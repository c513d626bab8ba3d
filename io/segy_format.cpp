/// Samples and text of SEG-Y: IBM and IEEE floats, integers, EBCDIC.
#include "segy_format.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <iomanip>
#include <limits>
#include <sstream>
#include <type_traits>

namespace lop::io::segy {
namespace {

template <class U>
U swap_bytes(U value) {
    if constexpr (sizeof(U) == 1) return value;
    else if constexpr (sizeof(U) == 2) return __builtin_bswap16(value);
    else if constexpr (sizeof(U) == 4) return __builtin_bswap32(value);
    else return __builtin_bswap64(value);
}

template <std::size_t bytes>
using Bits = std::conditional_t<
    bytes == 1, std::uint8_t,
    std::conditional_t<bytes == 2, std::uint16_t,
                       std::conditional_t<bytes == 4, std::uint32_t, std::uint64_t>>>;

bool is_foreign(SegyByteOrder order) {
    return (order == SegyByteOrder::big) != (std::endian::native == std::endian::big);
}

// IBM System/360 single: value = (-1)^s * 16^(e - 64) * f / 2^24, with s 1 bit, e 7, f 24. The
// product below is exact in double, so the float is rounded once.
std::array<double, 128> powers_of_sixteen() {
    std::array<double, 128> powers{};
    for (int e = 0; e < 128; ++e) powers[e] = std::ldexp(1.0, 4 * (e - 64) - 24);
    return powers;
}

float ibm_to_float(std::uint32_t word) {
    static const std::array<double, 128> powers = powers_of_sixteen();
    const double magnitude = (word & 0x00ffffffU) * powers[(word >> 24) & 0x7fU];
    // Beyond the largest float the conversion itself is undefined behaviour.
    constexpr double largest = std::numeric_limits<float>::max();
    const float value = magnitude > largest ? std::numeric_limits<float>::infinity()
                                            : static_cast<float>(magnitude);
    return (word >> 31) != 0 ? -value : value;
}

// The nearest IBM number; its fraction has 21 to 24 bits, so the relative error is at most 2^-21.
std::uint32_t float_to_ibm(float value) {
    const std::uint32_t sign = std::signbit(value) ? 0x80000000U : 0U;
    if (value == 0.0F) return sign;
    int two = 0;
    const double half = std::frexp(std::fabs(static_cast<double>(value)), &two);
    int sixteen = (two + 3) >> 2;  // ceiling of two / 4
    auto fraction =
        static_cast<std::uint32_t>(std::llrint(std::ldexp(half, two - 4 * sixteen + 24)));
    if (fraction == 0x01000000U) {
        fraction = 0x00100000U;
        ++sixteen;
    }
    return sign | (static_cast<std::uint32_t>(sixteen + 64) << 24) | fraction;
}

template <class Stored, class Convert>
void decode_each(const unsigned char* bytes, std::int64_t count, SegyByteOrder order, float* out,
                 Convert convert) {
    const bool foreign = is_foreign(order);
    for (std::int64_t i = 0; i < count; ++i) {
        Bits<sizeof(Stored)> word;
        std::memcpy(&word, bytes + i * static_cast<std::int64_t>(sizeof word), sizeof word);
        if (foreign) word = swap_bytes(word);
        out[i] = convert(std::bit_cast<Stored>(word));
    }
}

template <class Stored>
void decode_plain(const unsigned char* bytes, std::int64_t count, SegyByteOrder order, float* out) {
    decode_each<Stored>(bytes, count, order, out,
                        [](Stored value) { return static_cast<float>(value); });
}

float double_to_float(double value) {
    constexpr double largest = std::numeric_limits<float>::max();
    if (std::fabs(value) > largest) {
        return std::copysign(std::numeric_limits<float>::infinity(),
                             static_cast<float>(std::signbit(value) ? -1 : 1));
    }
    return static_cast<float>(value);
}

template <class Stored>
void store(Stored value, bool foreign, unsigned char* at) {
    auto word = std::bit_cast<Bits<sizeof(Stored)>>(value);
    if (foreign) word = swap_bytes(word);
    std::memcpy(at, &word, sizeof word);
}

template <class Stored, class Convert>
void encode_each(const float* samples, std::int64_t count, SegyByteOrder order,
                 unsigned char* bytes, Convert convert) {
    const bool foreign = is_foreign(order);
    for (std::int64_t i = 0; i < count; ++i) {
        store<Stored>(convert(samples[i]), foreign,
                      bytes + i * static_cast<std::int64_t>(sizeof(Stored)));
    }
}

template <class Integer>
std::int64_t encode_integers(const float* samples, std::int64_t count, SegyByteOrder order,
                             unsigned char* bytes) {
    const bool foreign = is_foreign(order);
    for (std::int64_t i = 0; i < count; ++i) {
        const double nearest = std::nearbyint(static_cast<double>(samples[i]));
        const bool fits = nearest >= static_cast<double>(std::numeric_limits<Integer>::min()) &&
                          nearest <= static_cast<double>(std::numeric_limits<Integer>::max());
        if (!fits) return i;  // NaN fails both comparisons
        store<Integer>(static_cast<Integer>(nearest), foreign,
                       bytes + i * static_cast<std::int64_t>(sizeof(Integer)));
    }
    return -1;
}

std::int64_t encode_ibm(const float* samples, std::int64_t count, SegyByteOrder order,
                        unsigned char* bytes) {
    const auto* bad =
        std::find_if(samples, samples + count, [](float value) { return !std::isfinite(value); });
    if (bad != samples + count) return bad - samples;
    encode_each<std::uint32_t>(samples, count, order, bytes, float_to_ibm);
    return -1;
}

// EBCDIC (code page 037) to ASCII; what ASCII cannot print is a blank.
constexpr char ebcdic[] =
    "                "
    "                "
    "                "
    "                "
    "           .<(+|"
    "&         !$*); "
    "-/         ,%_>?"
    "         `:#@'=\""
    " abcdefghi      "
    " jklmnopqr      "
    " ~stuvwxyz      "
    "^         []    "
    "{ABCDEFGHI      "
    "}JKLMNOPQR      "
    "\\ STUVWXYZ      "
    "0123456789      ";
static_assert(sizeof ebcdic == 257);

constexpr unsigned char ebcdic_blank = 0x40;

unsigned char to_ebcdic(char letter) {
    if (letter == ' ') return ebcdic_blank;
    const auto* found = std::find(ebcdic, ebcdic + 256, letter);
    return found == ebcdic + 256 ? ebcdic_blank : static_cast<unsigned char>(found - ebcdic);
}

bool is_printable(unsigned char byte) { return byte >= 0x20 && byte < 0x7f; }

}  // namespace

bool is_format_code(int code) { return code >= 1 && code <= 16 && code != 13 && code != 14; }

bool is_readable_format(int code) {
    constexpr std::array readable{1, 2, 3, 5, 6, 8, 10, 11, 16};
    return std::ranges::find(readable, code) != readable.end();
}

int sample_bytes(SegyFormat format) {
    switch (format) {
        case SegyFormat::ieee_double: return 8;
        case SegyFormat::int16:
        case SegyFormat::uint16: return 2;
        case SegyFormat::int8:
        case SegyFormat::uint8: return 1;
        default: return 4;
    }
}

std::string format_name(SegyFormat format) {
    switch (format) {
        case SegyFormat::ibm_float: return "IBM float";
        case SegyFormat::int32: return "int32";
        case SegyFormat::int16: return "int16";
        case SegyFormat::ieee_float: return "IEEE float";
        case SegyFormat::ieee_double: return "IEEE double";
        case SegyFormat::int8: return "int8";
        case SegyFormat::uint32: return "uint32";
        case SegyFormat::uint16: return "uint16";
        case SegyFormat::uint8: return "uint8";
    }
    return "unknown";
}

void decode_samples(const unsigned char* bytes, std::int64_t count, SegyFormat format,
                    SegyByteOrder order, float* out) {
    switch (format) {
        case SegyFormat::ibm_float:
            decode_each<std::uint32_t>(bytes, count, order, out, ibm_to_float);
            break;
        case SegyFormat::ieee_double:
            decode_each<double>(bytes, count, order, out, double_to_float);
            break;
        case SegyFormat::ieee_float: decode_plain<float>(bytes, count, order, out); break;
        case SegyFormat::int32: decode_plain<std::int32_t>(bytes, count, order, out); break;
        case SegyFormat::int16: decode_plain<std::int16_t>(bytes, count, order, out); break;
        case SegyFormat::int8: decode_plain<std::int8_t>(bytes, count, order, out); break;
        case SegyFormat::uint32: decode_plain<std::uint32_t>(bytes, count, order, out); break;
        case SegyFormat::uint16: decode_plain<std::uint16_t>(bytes, count, order, out); break;
        case SegyFormat::uint8: decode_plain<std::uint8_t>(bytes, count, order, out); break;
    }
}

std::int64_t encode_samples(const float* samples, std::int64_t count, SegyFormat format,
                            SegyByteOrder order, unsigned char* bytes) {
    switch (format) {
        case SegyFormat::ibm_float: return encode_ibm(samples, count, order, bytes);
        case SegyFormat::ieee_float:
            encode_each<float>(samples, count, order, bytes, [](float value) { return value; });
            return -1;
        case SegyFormat::ieee_double:
            encode_each<double>(samples, count, order, bytes,
                                [](float value) { return static_cast<double>(value); });
            return -1;
        case SegyFormat::int32: return encode_integers<std::int32_t>(samples, count, order, bytes);
        case SegyFormat::int16: return encode_integers<std::int16_t>(samples, count, order, bytes);
        case SegyFormat::int8: return encode_integers<std::int8_t>(samples, count, order, bytes);
        case SegyFormat::uint32:
            return encode_integers<std::uint32_t>(samples, count, order, bytes);
        case SegyFormat::uint16:
            return encode_integers<std::uint16_t>(samples, count, order, bytes);
        case SegyFormat::uint8: return encode_integers<std::uint8_t>(samples, count, order, bytes);
    }
    return -1;
}

std::string decode_text(const unsigned char* bytes) {
    // The blank outnumbers every other character of a text header, and tells the two codes apart.
    const auto* end = bytes + text_bytes;
    const bool is_ebcdic = std::count(bytes, end, ebcdic_blank) > std::count(bytes, end, 0x20);
    std::string text(static_cast<std::size_t>(text_bytes), ' ');
    std::transform(bytes, end, text.begin(), [&](unsigned char byte) {
        if (is_ebcdic) return ebcdic[byte];
        return is_printable(byte) ? static_cast<char>(byte) : ' ';
    });
    return text;
}

std::vector<unsigned char> encode_text(const SegyWriteOptions& options) {
    constexpr std::size_t rows = 40, columns = 80, prefix = 4;
    const std::size_t blocks = std::max<std::size_t>(1, (options.text.size() + rows - 1) / rows);
    std::string text(blocks * rows * columns, ' ');
    auto put = [&](std::size_t row, const std::string& line) {
        std::string number = std::to_string(row % rows + 1);
        number.insert(0, 2 - number.size(), ' ');
        text.replace(row * columns, prefix, "C" + number + " ");
        text.replace(row * columns + prefix, line.size(), line);
    };
    for (std::size_t row = 0; row < blocks * rows; ++row)
        put(row, row < options.text.size() ? options.text[row] : "");
    // Revision 1 (2002), section 4: the last two lines name the revision and close the header.
    if (options.revision >= 1 && options.text.size() <= rows - 2) {
        put(rows - 2, options.revision == 1 ? "SEG Y REV1" : "SEG-Y REV2.0");
        put(rows - 1, "END TEXTUAL HEADER");
    }
    std::vector<unsigned char> bytes(text.size());
    std::ranges::transform(text, bytes.begin(), to_ebcdic);
    return bytes;
}

std::string shown(double value) {
    std::ostringstream words;
    words << std::setprecision(10) << value;
    return words.str();
}

}  // namespace lop::io::segy
