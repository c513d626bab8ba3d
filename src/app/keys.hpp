/// The table of keys: the one place that says what a job may hold, in which unit, and why.
#pragma once

#include "job.hpp"
#include <lop/core/units.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace lop::app {

/// A value as a job file holds it: one atom, or a list of them.
using Atom = std::variant<bool, index_t, double, std::string>;
struct Value {
    std::vector<Atom> atoms;
    bool list = false;
};

/// Where in a Job the value of a key is kept; its type is the kind of the key.
using Access =
    std::variant<std::string& (*)(Job&), double& (*)(Job&), index_t& (*)(Job&), bool& (*)(Job&),
                 std::vector<double>& (*)(Job&), std::vector<index_t>& (*)(Job&)>;

enum class Limit { any, not_negative, positive };

/// A line of the table.
struct Key {
    std::string section;  // empty for keys above the first section
    std::string name;
    Access access;
    std::string words;                   // one line for people
    std::optional<Quantity> quantity{};  // numbers with a unit
    std::string unit{};                  // in which the default is shown: "ms"
    std::vector<std::string> choices{};  // texts that are one of these
    Limit limit = Limit::any;
    std::string fallback{};  // in words, where the default value means "derived"

    /// "time.interval"
    std::string path() const { return section.empty() ? name : section + "." + name; }
    /// "time", "length, or a list of them", "count", "one of single, double", ...
    std::string kind() const;
    /// The default as it would stand in a job file, or in words in parentheses.
    std::string default_text() const;
    /// The value in a job, as it would stand in a job file.
    std::string text(const Job& job) const;
    /// Checks the value and puts it into the job. Throws JobError.
    void store(Job& job, const Value& value) const;
};

const std::vector<Key>& keys();
/// The sections in the order of the table, each with one line on what it is for.
struct Section {
    std::string name;
    std::string words;
};
const std::vector<Section>& sections();

/// The key of this path, or none.
const Key* find_key(std::string_view path);
/// Up to three known names that are closest to `name` by edit distance, nearest first.
std::vector<std::string> nearest(std::string_view name, const std::vector<std::string>& known);
/// Throws JobError: `where` speaks of an unknown key; the nearest known ones are named.
[[noreturn]] void refuse_key(const std::string& where, const std::string& path);

/// The whole table: as text for a terminal, and as the tables of docs/jobs.md.
std::string help_text();
std::string help_markdown();
/// What a job computes, as TOML with every key but those that are derived unless set; [output],
/// which changes no result, is left out.
std::string problem_text(const Job& job);

}  // namespace lop::app
