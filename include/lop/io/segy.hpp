/// SEG-Y and SU files: survey headers, traces read by range, atomic and parallel writing, models.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace lop::io {

/// The sample format code of bytes 3225-3226. Samples become float: integers beyond 2^24 and
/// doubles are rounded to the nearest float, IBM numbers beyond 3.4e38 become infinite.
enum class SegyFormat {
    ibm_float = 1,
    int32 = 2,
    int16 = 3,
    ieee_float = 5,
    ieee_double = 6,
    int8 = 8,
    uint32 = 10,
    uint16 = 11,
    uint8 = 16
};

enum class SegyByteOrder { big, little };

/// `su` is Seismic Unix: traces of IEEE floats with no text and no binary header. Never guessed.
enum class SegyKind { segy, su };

/// What a sample counts. Time: the interval field is in microseconds, the delay in milliseconds.
/// Depth: the interval field is in thousandths of the length unit (millimetres), the delay in whole
/// units, so that a model at 7.5 m carries 7500, as most packages write it.
enum class SegyAxis { time, depth };

/// How the elevation fields (bytes 41 and 45) are meant: `up` is the standard's (z = -elevation);
/// `down` reads them as depths (z = +elevation), as JUDI writes them.
enum class SegyElevation { up, down };

/// What makes a shot; see scan_segy.
enum class SegyGrouping { automatic, field_record, source_position };

/// What the caller knows better than the file; anything unset is taken from the file.
struct SegyOptions {
    SegyKind kind = SegyKind::segy;
    SegyAxis axis = SegyAxis::time;
    SegyElevation elevation = SegyElevation::up;
    SegyGrouping grouping = SegyGrouping::automatic;
    std::optional<SegyByteOrder> byte_order{};
    std::optional<SegyFormat> format{};
    std::optional<std::int64_t> samples{};
    std::optional<double> interval{};          ///< s, or m on a depth axis
    std::optional<double> length_unit{};       ///< metres per length unit of the file: 1 or 0.3048
    std::optional<double> coordinate_scale{};  ///< replaces both scalars (bytes 69-72)
    std::optional<double> trace_spacing{};     ///< m, for models whose traces carry no positions
    bool accept_truncated = false;             ///< read the whole traces of a file cut short
    bool accept_geographic = false;            ///< read degrees or seconds of arc as if lengths
};

struct SegyPoint {
    double x = 0, y = 0, z = 0;  // metres, z down
    bool operator==(const SegyPoint&) const = default;
};

/// One trace header in SI units.
struct SegyTrace {
    std::int64_t sequence = 0;          ///< within the line (bytes 1-4)
    std::int64_t field_record = 0;      ///< bytes 9-12
    std::int64_t trace_number = 0;      ///< within the field record (bytes 13-16)
    std::int64_t source_number = 0;     ///< energy source point (bytes 17-20)
    std::int64_t cdp = 0;               ///< bytes 21-24
    std::int64_t cdp_trace = 0;         ///< bytes 25-28
    std::int64_t inline_number = 0;     ///< bytes 189-192
    std::int64_t crossline_number = 0;  ///< bytes 193-196
    int kind = 1;                       ///< identification code (bytes 29-30): 1 live, 2 dead, ...
    SegyPoint source{};                 ///< z = source depth - surface elevation
    SegyPoint receiver{};               ///< z = -elevation of the receiver group
    double cdp_x = 0, cdp_y = 0;        ///< m (bytes 181-188)
    double offset = 0;                  ///< m; the file holds whole length units (bytes 37-40)
    std::int64_t samples = 0;           ///< as the trace header says; 0 where it is silent
    double interval = 0;                ///< s or m, as the trace header says; 0 where it is silent
    double start = 0;                   ///< s or m, of the first sample (delay)
    bool operator==(const SegyTrace&) const = default;
};

/// Consecutive traces of the file.
struct SegyRange {
    std::int64_t first = 0;
    std::int64_t count = 0;
    bool operator==(const SegyRange&) const = default;
};

struct SegyShot {
    std::int64_t field_record = 0;
    SegyPoint source{};  ///< of its first trace
    std::int64_t traces = 0;
    std::vector<SegyRange> ranges;  ///< where its traces lie, in file order
};

/// What scan_segy found. It holds no sample and no trace header: memory grows with the number of
/// shot ranges only. A plain value: copy it to other ranks or threads, each may read with it at
/// once.
struct SegySurvey {
    std::string path;
    SegyOptions options;
    SegyByteOrder byte_order = SegyByteOrder::big;
    SegyFormat format = SegyFormat::ieee_float;
    int revision = 0;  ///< 0, 1 or 2
    std::int64_t file_bytes = 0;
    std::int64_t first_trace_byte = 0;
    std::int64_t header_bytes = 240;  ///< per trace, with the additional headers of revision 2
    std::int64_t trace_bytes = 0;     ///< header and samples
    std::int64_t traces = 0;
    std::int64_t samples = 0;           ///< per trace
    double interval = 0;                ///< s or m
    double start = 0;                   ///< s or m, of the first trace
    double length_unit = 1;             ///< metres per length unit of the file, already applied
    std::vector<std::string> text;      ///< text headers of 40 lines of 80 characters, decoded
    std::vector<SegyShot> shots;        ///< in the order of first appearance
    std::vector<std::string> warnings;  ///< every decision taken against a header, in words
};

/// Reads the headers of a SEG-Y (or SU) file and decides how it is to be read.
///
/// Byte order: the endianness constant of revision 2 where it stands; else the order in which the
/// format code is one of the standard's (only one can be). SU: the order whose sample count fits
/// the file.
///
/// Layout: sample count n from the binary header, or where that does not fit from the trace
/// headers, text headers as counted or none. A reading fits when the bytes after the headers are a
/// whole number of traces; n from trace headers fits only if all those looked at repeat it. Of
/// several fitting readings the one whose headers agree best wins, then the finer, then the one
/// declared first. None: refused.
///
/// Interval: the positive one of binary and trace headers. Where both are positive and differ the
/// binary header wins if the file declares fixed-length traces (bytes 3503-3504), else the trace
/// headers do if all of them agree; anything else is refused. Zero and negative say nothing.
///
/// Scalars (bytes 69-72, and 215-216 from revision 1): positive multiplies, negative divides, zero
/// is one; a value that is not a power of ten up to 10000 is outside the standard and read as one.
/// Lengths are metres, or feet (converted) where the measurement system (bytes 3255-3256) is 2.
///
/// Shots (automatic): by field record number if the file holds several, else by source position.
/// Runs of one field record that lie apart belong together only if they share a source position.
///
/// Throws FileError naming the file, what it says and its byte counts.
SegySurvey scan_segy(const std::string& path, const SegyOptions& options = {});

/// Headers of traces first .. first + count - 1 of the file. Throws FileError, ArgumentError.
std::vector<SegyTrace> read_headers(const SegySurvey& survey, std::int64_t first,
                                    std::int64_t count);

/// Samples of traces first .. first + count - 1 as out[count x samples]. Opens the file for itself,
/// so that ranks and threads read their own ranges at the same time. Throws FileError,
/// ArgumentError.
void read_traces(const SegySurvey& survey, std::int64_t first, std::int64_t count, float* out);

/// Samples of one shot as out[shot.traces x samples], range after range.
void read_shot(const SegySurvey& survey, const SegyShot& shot, float* out);

/// Headers of one shot, range after range.
std::vector<SegyTrace> read_shot_headers(const SegySurvey& survey, const SegyShot& shot);

struct SegyWriteOptions {
    SegyFormat format = SegyFormat::ieee_float;
    SegyByteOrder byte_order = SegyByteOrder::big;
    int revision = 1;  ///< 0, 1 or 2
    SegyAxis axis = SegyAxis::time;
    SegyElevation elevation = SegyElevation::up;
    std::vector<std::string>
        text{};  ///< up to 76 characters a line; beyond 40 lines: extended headers
};

/// The size of a file to be written. Samples at most 65535 and the interval whole microseconds (or
/// millimetres) up to 32767 in revisions 0 and 1; revision 2 has room for any.
struct SegyShape {
    std::int64_t traces = 0;
    std::int64_t samples = 0;
    double interval = 0;  ///< s or m
};

/// Writes one SEG-Y file, alone or together with other processes.
///
/// `create` reserves `<path>.partial` at its final size, so that a full disk is met at once; any
/// number of writers `attach` to it, each writes its own traces in any order; each attached one
/// calls `flush`; then, after all have, the creator calls `commit`, which checks that no trace is
/// missing and renames the file to `path`. Until then `path` is what it was before. A failure, or a
/// creator destroyed before its commit, removes the partial file. Positions are stored to the
/// millimetre (coarser powers of ten where they exceed 2147 km), offsets to the metre, integer
/// samples to the nearest.
///
/// Throws FileError (disk full, no permission, another writer, a sample or header that the format
/// cannot hold) and ArgumentError (a range outside the file).
class SegyWriter {
 public:
    static SegyWriter create(const std::string& path, const SegyShape& shape,
                             const SegyWriteOptions& options = {});
    static SegyWriter attach(const std::string& path, const SegyShape& shape,
                             const SegyWriteOptions& options = {});
    SegyWriter(SegyWriter&& other) noexcept;
    SegyWriter& operator=(SegyWriter&&) = delete;
    ~SegyWriter();

    /// Traces first .. first + headers.size() - 1; samples[headers.size() x shape.samples]. The
    /// samples, interval and (where 0) sequence of the headers are the writer's to fill. Threads
    /// may call it at once.
    void write(std::int64_t first, std::span<const SegyTrace> headers, const float* samples) const;
    void flush() const;
    void commit();

 private:
    SegyWriter(std::string path, const SegyShape& shape, const SegyWriteOptions& options);
    void discard() const noexcept;
    void check_complete() const;
    std::string path_;
    std::string partial_;
    SegyShape shape_;
    SegyWriteOptions options_;
    std::int64_t start_ = 0;
    std::int64_t trace_bytes_ = 0;
    std::int64_t file_bytes_ = 0;
    int file_ = -1;
    bool owner_ = false;
};

/// Writes a whole file: samples[headers.size() x samples], interval in s (or m on a depth axis).
void write_segy(const std::string& path, std::span<const SegyTrace> headers,
                std::int64_t samples_per_trace, double interval, const float* samples,
                const SegyWriteOptions& options = {});

/// A model on a regular grid: values[nx x ny x nz], z fastest, ny = 1 in two dimensions. Lengths in
/// metres; SEG-Y does not name the unit of the values, the caller must know it.
struct SegyModel {
    std::int64_t nx = 0, ny = 1, nz = 0;
    double dx = 0, dy = 0, dz = 0;
    double x0 = 0, y0 = 0, z0 = 0;
    std::vector<float> values;
    std::vector<std::string> warnings{};
};

/// One trace per column (x, y), x slowest, its position in the CDP, source and receiver fields;
/// interval dz in millimetres, delay z0 in metres (SegyAxis::depth, which is implied).
void write_segy_model(const std::string& path, const SegyModel& model,
                      const SegyWriteOptions& options = {});

/// The converse. The grid follows from the positions of the traces (CDP, else receiver, else
/// source), which must be a line or an axis-aligned rectangle with steps even to a fifth; columns
/// stored towards falling x or y, or with x fastest, are put in order. Throws FileError.
SegyModel read_segy_model(const std::string& path, const SegyOptions& options = {});

}  // namespace lop::io
