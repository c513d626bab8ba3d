/// Tests of the layout of errors.
#include <lop/core/error.hpp>

#include <doctest/doctest.h>

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
    CHECK_THROWS_AS(throws_kind(ArgumentError{"x"}), std::runtime_error);
}
