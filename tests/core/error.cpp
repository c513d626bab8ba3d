/// Tests of the layout of errors.
#include <lop/core/error.hpp>

#include <lop/core/array.hpp>

#include <cmath>
#include <doctest/doctest.h>
#include <new>

using namespace lop;

TEST_CASE("an error says what was asked, expected and found, and the way out") {
    const SpaceError error{
        "A * x: x is not in domain(A)",
        {.expected = "traces[12 x 250]", .found = "traces[12 x 251]", .remedy = "resample x"}};
    CHECK(std::string{error.what()} ==
          "A * x: x is not in domain(A)\n"
          "    expected traces[12 x 250]\n"
          "    found    traces[12 x 251]\n"
          "    try      resample x");
}

TEST_CASE("an error prints only the lines it has") {
    CHECK(std::string{Error{"the disk is full"}.what()} == "the disk is full");
    CHECK(std::string{Error{"a file", {.found = "nothing"}}.what()} ==
          "a file\n    found    nothing");
}

TEST_CASE("every kind of error is an Error and a runtime_error") {
    const auto throws_kind = [](auto error) { throw error; };
    CHECK_THROWS_AS(throws_kind(SpaceError{"x"}), Error);
    CHECK_THROWS_AS(throws_kind(FileError{"x"}), Error);
    CHECK_THROWS_AS(throws_kind(UnitError{"x"}), Error);
    CHECK_THROWS_AS(throws_kind(GeometryError{"x"}), Error);
    CHECK_THROWS_AS(throws_kind(ModelError{"x"}), Error);
    CHECK_THROWS_AS(throws_kind(StabilityError{"x"}), Error);
    CHECK_THROWS_AS(throws_kind(JobError{"x"}), Error);
    CHECK_THROWS_AS(throws_kind(MemoryError{"x"}), Error);
    CHECK_THROWS_AS(throws_kind(ArgumentError{"x"}), std::runtime_error);
}

TEST_CASE("numbers in messages keep their digits at every scale") {
    CHECK(number_words(1500) == "1500");
    CHECK(number_words(8e-8) == "8e-08");
    CHECK(number_words(0.000123456) == "0.000123456");
    CHECK(number_words(123.456, 2) == "1.2e+02");
    CHECK(number_words(-std::nan("")) == "NaN");
}

TEST_CASE("memory that is not to be had is refused in words, with its size") {
    try {
        Array<double>{{index_t{1} << 40, 1 << 16}};
        FAIL("no error");
    } catch (const MemoryError& error) {
        CHECK(std::string{error.what()}.find("5.37e+08 GiB asked for") != std::string::npos);
    }
    CHECK(error_words(std::bad_alloc{}).starts_with("out of memory\n    try      smaller"));
    CHECK(error_words(Error{"as it is"}) == "as it is");
}
