/// Errors in words: what was asked, what was expected, what was found, and the way out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>

namespace lop {

/// A number as messages print it, in a few significant digits: "1500", "8.2e-05", "NaN".
std::string number_words(double value, int digits = 6);

/// "1 shot", "12 shots"; "1 axis", "2 axes".
std::string counted(std::int64_t count, const std::string& noun);
std::string counted(std::int64_t count, const std::string& one, const std::string& many);

/// The lines under the first line of an error; an empty one is not printed.
struct ErrorDetails {
    std::string expected{};
    std::string found{};
    std::string remedy{};
};

/// Base of every error that lop throws. The text is complete: a program prints it as it is.
///
///     A * x: x is not in domain(A)
///         expected traces[12 x 250] of float64 on host
///         found    traces[12 x 251] of float64 on host
///         try      ...
class Error : public std::runtime_error {
 public:
    explicit Error(const std::string& asked, const ErrorDetails& details = {});
};

/// A vector meets a space, or a space another, that it does not belong to.
class SpaceError : public Error {
    using Error::Error;
};
/// A file is missing, damaged, contradictory or cannot be written.
class FileError : public Error {
    using Error::Error;
};
/// A unit is unknown, or does not measure what was asked for.
class UnitError : public Error {
    using Error::Error;
};
/// Sources, receivers or axes contradict the model or each other.
class GeometryError : public Error {
    using Error::Error;
};
/// A model holds values that no medium has (NaN, zero, negative).
class ModelError : public Error {
    using Error::Error;
};
/// A time step or a grid cannot carry the wave it is asked to.
class StabilityError : public Error {
    using Error::Error;
};
/// A job file or a command line asks for something that does not exist.
class JobError : public Error {
    using Error::Error;
};
/// There is not as much memory as was asked for.
class MemoryError : public Error {
    using Error::Error;
};
/// An argument lies outside the set where the operation is defined.
class ArgumentError : public Error {
    using Error::Error;
};

/// Appends `word` to `text`, with `glue` between them unless the text is empty.
void append_word(std::string& text, const char* glue, const std::string& word);

/// The text of any exception, in words where the standard's has none (std::bad_alloc,
/// std::length_error).
std::string error_words(const std::exception& error);

/// Throws MemoryError: `bytes` were asked for and are not to be had.
[[noreturn]] void refuse_memory(std::size_t bytes);

}  // namespace lop
