/// Files of the public data, which the repository does not hold: for cases of the suite
/// "public data", which ctest runs by themselves under the label data.
#pragma once

#include <doctest/doctest.h>
#include <filesystem>
#include <string>

/// Marks a case: TEST_CASE("..." * needs_public_data).
inline const auto needs_public_data = doctest::test_suite("public data");

/// Where a file lies; empty, with a message, where it is absent.
inline std::string public_data(const std::string& name) {
    const std::filesystem::path folder{LOP_TEST_DATA};
    if (!folder.empty() && std::filesystem::exists(folder / name)) return (folder / name).string();
    MESSAGE("skipped: the public data do not hold " << name);
    return {};
}
