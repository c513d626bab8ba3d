/// Keys at work: values checked and stored, defaults and help printed, near misses named.
#include "keys.hpp"

#include <lop/core/error.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <numeric>

namespace lop::app {
namespace {

constexpr std::size_t text_kind = 0, number_kind = 1, count_kind = 2, flag_kind = 3,
                      numbers_kind = 4, counts_kind = 5;

const char* quantity_name(Quantity quantity) {
    switch (quantity) {
        case Quantity::length: return "length";
        case Quantity::time: return "time";
        case Quantity::frequency: return "frequency";
        case Quantity::velocity: return "velocity";
        case Quantity::slowness_squared: return "squared slowness";
        case Quantity::density: return "density";
    }
    return "quantity";
}

std::string in_quotes(const std::string& text) { return "\"" + text + "\""; }

std::string atom_text(const Atom& atom) {
    if (const auto* text = std::get_if<std::string>(&atom)) return in_quotes(*text);
    return std::visit(
        [](const auto& v) {
            if constexpr (std::same_as<std::decay_t<decltype(v)>, std::string>) return v;
            else return fmt::format("{}", v);
        },
        atom);
}

std::string value_text(const Value& value) {
    std::string text;
    for (const Atom& atom : value.atoms) text += (text.empty() ? "" : ", ") + atom_text(atom);
    return value.list ? "[" + text + "]" : text;
}

/// A number as a person would write it: the fewest digits that a rounding error cannot reach.
std::string number_text(double value) { return fmt::format("{:.12g}", value); }

std::string quantity_text(const Key& key, double si) {
    if (!key.quantity) return number_text(si);
    return in_quotes(number_text(si / to_si(key.unit, *key.quantity)) + " " + key.unit);
}

template <class List, class Text> std::string list_text(const List& list, const Text& text) {
    std::vector<std::string> items;
    for (const auto& item : list) items.push_back(text(item));
    return fmt::format("[{}]", fmt::join(items, ", "));
}

[[noreturn]] void refuse_value(const Key& key, const std::string& expected, const Value& value,
                               const std::string& remedy = {}) {
    throw JobError{"the key " + key.path(),
                   {.expected = expected, .found = value_text(value), .remedy = remedy}};
}

/// "4 ms" or 0.004: a number with its unit, or in SI units.
double to_number(const Key& key, const Atom& atom, const Value& value) {
    if (const auto* number = std::get_if<double>(&atom)) return *number;
    if (const auto* count = std::get_if<index_t>(&atom)) return static_cast<double>(*count);
    const auto* text = std::get_if<std::string>(&atom);
    if (text == nullptr || !key.quantity) refuse_value(key, key.kind(), value);
    double number = 0;
    const char* end = text->data() + text->size();
    const auto [rest, failed] = std::from_chars(text->data(), end, number);
    if (failed != std::errc{}) refuse_value(key, key.kind(), value);
    const std::string unit{std::find_if(rest, end, [](char c) { return c != ' '; }), end};
    const std::string example = in_quotes("7.5 " + key.unit);
    if (unit.empty())
        refuse_value(key, key.kind(), value,
                     "a unit, as in " + example + ", or a plain number in SI units");
    try {
        return number * to_si(unit, *key.quantity);
    } catch (const UnitError&) {
        refuse_value(key,
                     fmt::format("a {} in one of {}", quantity_name(*key.quantity),
                                 known_units(*key.quantity)),
                     value);
    }
}

double checked_number(const Key& key, const Atom& atom, const Value& value) {
    const double number = to_number(key, atom, value);
    if (!std::isfinite(number)) refuse_value(key, "a finite value", value);
    if (key.limit == Limit::positive && !(number > 0)) refuse_value(key, "a positive value", value);
    if (key.limit == Limit::not_negative && number < 0) refuse_value(key, "zero or more", value);
    return number;
}

index_t checked_count(const Key& key, const Atom& atom, const Value& value) {
    const auto* count = std::get_if<index_t>(&atom);
    if (count == nullptr) refuse_value(key, key.kind(), value);
    if (key.limit == Limit::positive && *count <= 0) refuse_value(key, "a positive value", value);
    if (key.limit == Limit::not_negative && *count < 0) refuse_value(key, "zero or more", value);
    return *count;
}

std::string checked_text(const Key& key, const Value& value) {
    const auto* text = std::get_if<std::string>(&value.atoms.front());
    if (text == nullptr) refuse_value(key, key.kind(), value);
    if (key.choices.empty() || std::ranges::find(key.choices, *text) != key.choices.end())
        return *text;
    const auto near = nearest(*text, key.choices);
    refuse_value(key, key.kind(), value, near.empty() ? "" : in_quotes(near.front()));
}

index_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<index_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), 0);
    for (std::size_t i = 1; i <= a.size(); ++i) {
        index_t diagonal = row[0];
        row[0] = static_cast<index_t>(i);
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const index_t above = row[j];
            row[j] =
                std::min({above + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
            diagonal = above;
        }
    }
    return row[b.size()];
}

}  // namespace

std::string Key::kind() const {
    const std::string number = quantity ? std::string{quantity_name(*quantity)} : "number";
    switch (access.index()) {
        case text_kind:
            return choices.empty() ? "text"
                                   : "one of " + fmt::format("{}", fmt::join(choices, ", "));
        case number_kind: return number;
        case count_kind: return "whole number";
        case flag_kind: return "true or false";
        case numbers_kind:
            return "list of " + (number.ends_with('y') ? number.substr(0, number.size() - 1) + "ies"
                                                       : number + "s");
        case counts_kind: return "list of whole numbers";
    }
    return {};
}

std::string Key::text(const Job& job) const {
    Job copy = job;
    switch (access.index()) {
        case text_kind: return in_quotes(std::get<text_kind>(access)(copy));
        case number_kind: return quantity_text(*this, std::get<number_kind>(access)(copy));
        case count_kind: return std::to_string(std::get<count_kind>(access)(copy));
        case flag_kind: return std::get<flag_kind>(access)(copy) ? "true" : "false";
        case numbers_kind:
            return list_text(std::get<numbers_kind>(access)(copy),
                             [&](double v) { return quantity_text(*this, v); });
        case counts_kind:
            return list_text(std::get<counts_kind>(access)(copy),
                             [](index_t v) { return std::to_string(v); });
    }
    return {};
}

std::string Key::default_text() const {
    if (!fallback.empty()) return "(" + fallback + ")";
    const std::string text_of_default = text(Job{});
    return text_of_default == "\"\"" ? "(none)" : text_of_default;
}

void Key::store(Job& job, const Value& value) const {
    const bool wants_list = access.index() == numbers_kind || access.index() == counts_kind;
    if (value.atoms.empty() || (value.list && !wants_list)) refuse_value(*this, kind(), value);
    switch (access.index()) {
        case text_kind: std::get<text_kind>(access)(job) = checked_text(*this, value); break;
        case number_kind:
            std::get<number_kind>(access)(job) = checked_number(*this, value.atoms.front(), value);
            break;
        case count_kind:
            std::get<count_kind>(access)(job) = checked_count(*this, value.atoms.front(), value);
            break;
        case flag_kind:
            if (!std::holds_alternative<bool>(value.atoms.front()))
                refuse_value(*this, kind(), value);
            std::get<flag_kind>(access)(job) = std::get<bool>(value.atoms.front());
            break;
        case numbers_kind: {
            std::vector<double> list;
            for (const Atom& atom : value.atoms) list.push_back(checked_number(*this, atom, value));
            std::get<numbers_kind>(access)(job) = std::move(list);
            break;
        }
        case counts_kind: {
            std::vector<index_t> list;
            for (const Atom& atom : value.atoms) list.push_back(checked_count(*this, atom, value));
            std::get<counts_kind>(access)(job) = std::move(list);
            break;
        }
    }
}

const Key* find_key(std::string_view path) {
    for (const Key& key : keys())
        if (key.path() == path) return &key;
    return nullptr;
}

std::vector<std::string> nearest(std::string_view name, const std::vector<std::string>& known) {
    std::vector<std::pair<index_t, std::string>> ranked;
    for (const std::string& other : known) {
        const auto longest = static_cast<index_t>(std::max(name.size(), other.size()));
        const index_t distance = edit_distance(name, other);
        if (distance <= std::max<index_t>(2, longest / 3)) ranked.emplace_back(distance, other);
    }
    std::ranges::stable_sort(ranked, {}, &std::pair<index_t, std::string>::first);
    std::vector<std::string> names;
    for (std::size_t i = 0; i < std::min<std::size_t>(3, ranked.size()); ++i)
        names.push_back(ranked[i].second);
    return names;
}

void refuse_key(const std::string& where, const std::string& path) {
    // A key may be misspelt, or be right and stand in the wrong section.
    const std::string name = path.substr(path.rfind('.') + 1);
    std::vector<std::string> suggestions, paths;
    for (const Key& key : keys()) {
        if (key.name == name) suggestions.push_back(key.path());
        paths.push_back(key.path());
    }
    for (const std::string& near : nearest(path, paths))
        if (std::ranges::find(suggestions, near) == suggestions.end()) suggestions.push_back(near);
    if (suggestions.empty())
        for (const Key& key : keys())
            if (nearest(name, {key.name}).size() == 1) suggestions.push_back(key.path());
    suggestions.resize(std::min<std::size_t>(3, suggestions.size()));
    throw JobError{
        where + ": there is no key " + path,
        {.expected = suggestions.empty()
                         ? "a key that `lop help job` lists"
                         : fmt::format("a key like {}", fmt::join(suggestions, ", ")),
         .found = path,
         .remedy = "correct the name or remove the line; `lop help job` lists every key"}};
}

std::string help_text() {
    std::string text =
        "A job is a TOML file. A quantity is a number with its unit (\"4 ms\", \"30 Hz\", \"7.5 "
        "m\", \"1.5 km/s\")\n"
        "or a plain number in SI units (s, Hz, m, m/s). A relative file name is looked up beside "
        "the job, then\n"
        "under the folder named by LOP_DATA. Every key may be left out; [sections] as below.\n";
    for (const Section& section : sections()) {
        text += fmt::format("\n{}  # {}\n", section.name.empty() ? "" : "[" + section.name + "]",
                            section.words);
        for (const Key& key : keys()) {
            if (key.section != section.name) continue;
            text += fmt::format("  {:<16} {}  [{}]\n      {}\n", key.name, key.default_text(),
                                key.kind(), key.words);
        }
    }
    return text;
}

namespace {

/// Words in a cell of a table, where a bar would end it.
std::string cell(const std::string& words) {
    std::string text;
    for (const char c : words) text += c == '|' ? std::string{"\\|"} : std::string{c};
    return text;
}

}  // namespace

std::string help_markdown() {
    std::string text;
    for (const Section& section : sections()) {
        text +=
            fmt::format("### {}\n\n{}\n\n",
                        section.name.empty() ? "General" : "[" + section.name + "]", section.words);
        text += "| key | default | value | meaning |\n| --- | --- | --- | --- |\n";
        for (const Key& key : keys())
            if (key.section == section.name)
                text += fmt::format(
                    "| `{}` | {} | {} | {} |\n", key.name,
                    key.fallback.empty() ? "`" + key.default_text() + "`" : key.default_text(),
                    key.kind(), cell(key.words));
        text += "\n";
    }
    return text;
}

std::string problem_text(const Job& job) {
    std::string text;
    for (const Section& section : sections()) {
        if (section.name == "output") continue;
        if (!section.name.empty()) text += "\n[" + section.name + "]\n";
        for (const Key& key : keys()) {
            const bool derived = !key.fallback.empty() &&
                                 std::ranges::find(job.set_keys, key.path()) == job.set_keys.end();
            if (key.section == section.name && !derived)
                text += key.name + " = " + key.text(job) + "\n";
        }
    }
    return text;
}

}  // namespace lop::app
