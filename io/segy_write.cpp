/// Writes SEG-Y files: reserved beside their final name, filled by ranges, renamed when complete.
#include "segy_file.hpp"
#include "segy_format.hpp"
#include <lop/core/error.hpp>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace lop::io {
namespace {

using namespace segy;

constexpr std::int64_t buffer_bytes = std::int64_t{4} << 20;
constexpr std::int64_t most_samples_short = 65535;  // 16 bits, read as unsigned by all we know of

void refuse(const std::string& path, const std::string& expected, const std::string& found) {
    throw ArgumentError{"write " + path, {.expected = expected, .found = found}};
}

void check_options(const std::string& path, const SegyWriteOptions& options) {
    if (options.revision < 0 || options.revision > 2)
        refuse(path, "revision 0, 1 or 2", std::to_string(options.revision));
    if (!is_readable_format(static_cast<int>(options.format))) {
        refuse(path, "one of the formats of SegyFormat",
               std::to_string(static_cast<int>(options.format)));
    }
    constexpr std::size_t rows = 40, columns = 76, most_headers = 32767;
    const std::size_t most_rows = options.revision == 0 ? rows : rows * most_headers;
    if (options.text.size() > most_rows) {
        refuse(path, "at most " + std::to_string(most_rows) + " lines of text",
               std::to_string(options.text.size()));
    }
    for (const std::string& line : options.text)
        if (line.size() > columns)
            refuse(path, "lines of at most 76 characters", std::to_string(line.size()));
}

void check_shape(const std::string& path, const SegyShape& shape, const SegyWriteOptions& options) {
    constexpr std::int64_t most = 2147483647;
    if (shape.traces < 1 || shape.traces > most)
        refuse(path, "1 to 2147483647 traces", std::to_string(shape.traces));
    const std::int64_t most_samples = options.revision >= 2 ? most : most_samples_short;
    if (shape.samples < 1 || shape.samples > most_samples) {
        refuse(path,
               "1 to " + std::to_string(most_samples) + " samples in revision " +
                   std::to_string(options.revision),
               std::to_string(shape.samples));
    }
    if (!(shape.interval > 0) || !std::isfinite(shape.interval))
        refuse(path, "a positive interval", shown(shape.interval));
    const std::int64_t trace = trace_header_bytes + shape.samples * sample_bytes(options.format);
    if (trace > (std::int64_t{1} << 62) / shape.traces) {
        refuse(path, "a file that a disk can hold",
               std::to_string(shape.traces) + " traces of " + std::to_string(trace) + " bytes");
    }
}

// True where the open file is the one that bears the name: not since renamed or removed.
bool bears_name(int file, const std::string& path) {
    struct stat opened{}, named{};
    return ::fstat(file, &opened) == 0 && ::stat(path.c_str(), &named) == 0 &&
           opened.st_ino == named.st_ino && opened.st_dev == named.st_dev;
}

// A leftover of a killed program is unlocked and overwritten; one that is being written is not.
int open_partial(const std::string& partial, const std::string& path) {
    const int file = ::open(partial.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (file < 0) throw_system("create", partial, errno);
    const int code = ::flock(file, LOCK_EX | LOCK_NB) == 0 ? 0 : errno;
    if (code == EWOULDBLOCK || !bears_name(file, partial)) {
        ::close(file);
        throw FileError{"write " + path,
                        {.expected = "to be its only writer",
                         .found = partial + " is being written by another program",
                         .remedy = "choose another name, or wait for the other program"}};
    }
    return file;
}

std::vector<unsigned char> file_headers(const std::string& path, const SegyShape& shape,
                                        const SegyWriteOptions& options) {
    const std::vector<unsigned char> text = encode_text(options);
    const auto extended = static_cast<std::int64_t>(text.size()) / text_bytes - 1;
    const std::vector<unsigned char> binary = encode_binary(shape, extended, options, path);
    std::vector<unsigned char> all{text.begin(), text.begin() + text_bytes};
    all.insert(all.end(), binary.begin(), binary.end());
    all.insert(all.end(), text.begin() + text_bytes, text.end());
    return all;
}

}  // namespace

SegyWriter::SegyWriter(std::string path, const SegyShape& shape, const SegyWriteOptions& options)
    : path_{std::move(path)}, partial_{path_ + ".partial"}, shape_{shape}, options_{options} {
    check_options(path_, options);
    check_shape(path_, shape, options);
    constexpr std::int64_t rows = 40;
    const auto lines = static_cast<std::int64_t>(options.text.size());
    const std::int64_t blocks = std::max<std::int64_t>(1, (lines + rows - 1) / rows);
    start_ = blocks * text_bytes + binary_bytes;
    trace_bytes_ = trace_header_bytes + shape.samples * sample_bytes(options.format);
    file_bytes_ = start_ + shape.traces * trace_bytes_;
}

SegyWriter::SegyWriter(SegyWriter&& other) noexcept
    : path_{std::move(other.path_)},
      partial_{std::move(other.partial_)},
      shape_{other.shape_},
      options_{std::move(other.options_)},
      start_{other.start_},
      trace_bytes_{other.trace_bytes_},
      file_bytes_{other.file_bytes_},
      file_{std::exchange(other.file_, -1)},
      owner_{std::exchange(other.owner_, false)} {}

SegyWriter::~SegyWriter() {
    if (file_ < 0) return;
    if (owner_) discard();
    ::close(file_);
}

void SegyWriter::discard() const noexcept {
    if (bears_name(file_, partial_)) ::unlink(partial_.c_str());
}

SegyWriter SegyWriter::create(const std::string& path, const SegyShape& shape,
                              const SegyWriteOptions& options) {
    SegyWriter writer{path, shape, options};
    const std::vector<unsigned char> headers = file_headers(path, shape, options);
    struct stat target{};
    if (::stat(path.c_str(), &target) == 0 && !S_ISREG(target.st_mode))
        throw_system("write", path, S_ISDIR(target.st_mode) ? EISDIR : EINVAL);
    writer.file_ = open_partial(writer.partial_, path);
    writer.owner_ = true;  // from here on the destructor removes the partial file
    int code = ::ftruncate(writer.file_, 0) == 0 ? 0 : errno;
    if (code == 0) code = reserve(writer.file_, writer.file_bytes_);
    if (code == 0) {
        code =
            write_all(writer.file_, 0, static_cast<std::int64_t>(headers.size()), headers.data());
    }
    if (code != 0)
        throw_system("write " + std::to_string(writer.file_bytes_) + " bytes to", path, code);
    return writer;
}

SegyWriter SegyWriter::attach(const std::string& path, const SegyShape& shape,
                              const SegyWriteOptions& options) {
    SegyWriter writer{path, shape, options};
    writer.file_ = ::open(writer.partial_.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    if (writer.file_ < 0) throw_system("attach to", writer.partial_, errno);
    struct stat status{};
    if (::fstat(writer.file_, &status) != 0) throw_system("attach to", writer.partial_, errno);
    if (status.st_size != writer.file_bytes_) {
        throw FileError{"attach to " + writer.partial_,
                        {.expected = std::to_string(writer.file_bytes_) + " bytes",
                         .found = std::to_string(status.st_size),
                         .remedy = "attach with the shape and options of its creator"}};
    }
    return writer;
}

void SegyWriter::write(std::int64_t first, std::span<const SegyTrace> headers,
                       const float* samples) const {
    const auto count = static_cast<std::int64_t>(headers.size());
    if (first < 0 || first > shape_.traces || count > shape_.traces - first) {
        refuse(path_, "traces within 0 .. " + std::to_string(shape_.traces - 1),
               std::to_string(count) + " traces from " + std::to_string(first));
    }
    const std::int64_t batch =
        std::min(count, std::max<std::int64_t>(1, buffer_bytes / trace_bytes_));
    std::vector<unsigned char> bytes(static_cast<std::size_t>(batch * trace_bytes_));
    for (std::int64_t done = 0; done < count; done += batch) {
        const std::int64_t now = std::min(batch, count - done);
        for (std::int64_t k = 0; k < now; ++k) {
            unsigned char* at = bytes.data() + k * trace_bytes_;
            const std::int64_t trace = done + k;
            const std::int64_t bad =
                encode_samples(samples + trace * shape_.samples, shape_.samples, options_.format,
                               options_.byte_order, at + trace_header_bytes);
            if (bad >= 0) {
                discard();
                throw FileError{
                    "write " + path_,
                    {.expected = "samples that " + format_name(options_.format) + " can hold",
                     .found = shown(samples[trace * shape_.samples + bad]) + " at trace " +
                              std::to_string(first + trace) + ", sample " + std::to_string(bad),
                     .remedy = "choose the format ieee_float, or scale the data"}};
            }
            try {
                encode_trace(headers[static_cast<std::size_t>(trace)], first + trace, shape_,
                             options_, path_, at);
            } catch (const FileError&) {
                discard();
                throw;
            }
        }
        const int code = write_all(file_, start_ + (first + done) * trace_bytes_,
                                   now * trace_bytes_, bytes.data());
        if (code != 0) {
            discard();
            throw_system("write traces to", path_, code);
        }
    }
}

void SegyWriter::flush() const {
    if (file_ < 0 || ::fsync(file_) == 0) return;
    const int code = errno;
    discard();
    throw_system("write", path_, code);
}

// Every written trace carries its number, from 1, in bytes 5-8; reserved room holds zeros.
void SegyWriter::check_complete() const {
    std::int64_t missing = 0, first_missing = -1;
    for (std::int64_t trace = 0; trace < shape_.traces; ++trace) {
        unsigned char field[4] = {};
        const auto got = ::pread(file_, field, sizeof field, start_ + trace * trace_bytes_ + 4);
        if (got == 4 &&
            get_unsigned(field, 4, options_.byte_order) == static_cast<std::uint64_t>(trace) + 1)
            continue;
        if (missing++ == 0) first_missing = trace;
    }
    if (missing == 0) return;
    throw FileError{"write " + path_,
                    {.expected = std::to_string(shape_.traces) + " traces",
                     .found = std::to_string(missing) + " never written, the first of them trace " +
                              std::to_string(first_missing),
                     .remedy = "commit after every writer has written and flushed its traces"}};
}

void SegyWriter::commit() {
    if (!owner_) refuse(path_, "the creator to commit", "an attached or finished writer");
    if (!bears_name(file_, partial_)) {
        throw FileError{"write " + path_,
                        {.expected = partial_,
                         .found = "that it was removed",
                         .remedy = "look for the writer that failed"}};
    }
    check_complete();
    flush();
    if (::rename(partial_.c_str(), path_.c_str()) != 0) throw_system("write", path_, errno);
    owner_ = false;
    ::close(std::exchange(file_, -1));
    sync_directory_of(path_);
}

void write_segy(const std::string& path, std::span<const SegyTrace> headers,
                std::int64_t samples_per_trace, double interval, const float* samples,
                const SegyWriteOptions& options) {
    const SegyShape shape{static_cast<std::int64_t>(headers.size()), samples_per_trace, interval};
    SegyWriter writer = SegyWriter::create(path, shape, options);
    writer.write(0, headers, samples);
    writer.commit();
}

}  // namespace lop::io
