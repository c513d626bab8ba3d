/// Reads job files and overrides.
#include "job.hpp"

#include "keys.hpp"
#include <lop/core/error.hpp>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>
#include <toml++/toml.h>

namespace lop::app {
namespace {

namespace fs = std::filesystem;

std::string position(const fs::path& path, const toml::source_region& source) {
    return path.string() + ", line " + std::to_string(source.begin.line);
}

Atom to_atom(const toml::node& node, const std::string& where) {
    if (const auto text = node.value_exact<std::string>()) return *text;
    if (const auto flag = node.value_exact<bool>()) return *flag;
    if (const auto count = node.value_exact<std::int64_t>()) return *count;
    if (const auto number = node.value_exact<double>()) return *number;
    throw JobError{where,
                   {.expected = "a text, a number, true or false, or a list of them",
                    .found = "another kind of value"}};
}

Value to_value(const toml::node& node, const std::string& where) {
    Value value;
    value.list = node.is_array();
    if (!value.list) value.atoms.push_back(to_atom(node, where));
    else
        for (const toml::node& item : *node.as_array()) value.atoms.push_back(to_atom(item, where));
    return value;
}

/// Stores a value and says where it stood if it is refused.
void store(Job& job, const std::string& where, const std::string& path, const toml::node& node) {
    const Key* key = find_key(path);
    if (key == nullptr) refuse_key(where, path);
    try {
        key->store(job, to_value(node, where + ": the key " + path));
    } catch (const JobError& error) {
        const std::string text = error.what();
        throw JobError{text.starts_with(where) ? text : where + ": " + text};
    }
    job.set_keys.push_back(path);
}

void refuse_section(const std::string& where, const std::string& name) {
    std::vector<std::string> known;
    for (const Section& section : sections())
        if (!section.name.empty()) known.push_back(section.name);
    std::string all;
    for (const std::string& section : known) all += (all.empty() ? "" : ", ") + section;
    const auto near = nearest(name, known);
    throw JobError{where + ": there is no section [" + name + "]",
                   {.expected = near.empty() ? "one of " + all : "one like [" + near.front() + "]",
                    .found = "[" + name + "]",
                    .remedy = "correct the name; `lop help job` lists every section and key"}};
}

bool is_section(const std::string& name) {
    for (const Section& section : sections())
        if (!section.name.empty() && section.name == name) return true;
    return false;
}

void store_table(Job& job, const fs::path& path, const toml::table& table) {
    for (const auto& [name, node] : table) {
        const std::string where = position(path, node.source());
        const std::string section{name.str()};
        if (!node.is_table()) {
            store(job, where, section, node);
            continue;
        }
        if (!is_section(section)) refuse_section(where, section);
        for (const auto& [key, value] : *node.as_table()) {
            const std::string key_path = section + "." + std::string{key.str()};
            if (value.is_table()) refuse_key(position(path, value.source()), key_path);
            store(job, position(path, value.source()), key_path, value);
        }
    }
}

/// "inversion.iterations=5", "wavelet.frequency=12 Hz": what TOML cannot read is a text.
void store_override(Job& job, const std::string& text) {
    const std::string where = "--set " + text;
    const auto equals = text.find('=');
    if (equals == std::string::npos || equals == 0)
        throw JobError{
            where,
            {.expected = "section.key=value, as in --set inversion.iterations=5", .found = text}};
    const auto trimmed = [](std::string part) {
        part.erase(0, part.find_first_not_of(' '));
        part.erase(part.find_last_not_of(' ') + 1);
        return part;
    };
    const std::string path = trimmed(text.substr(0, equals));
    const std::string value = trimmed(text.substr(equals + 1));
    try {
        const toml::table table = toml::parse("value = " + value);
        if (const toml::node* node = table.get("value"); node != nullptr && table.size() == 1)
            return store(job, where, path, *node);
    } catch (const toml::parse_error&) {
        // Not TOML, and so a text without quotes.
    }
    store(job, where, path, toml::value<std::string>{value});
}

std::string read_text(const fs::path& path) {
    std::error_code failed;
    if (!fs::is_regular_file(path, failed))
        throw FileError{"read the job " + path.string(),
                        {.expected = "a TOML file",
                         .found = fs::is_directory(path, failed) ? "a folder"
                                  : fs::exists(path, failed)     ? "a device or a pipe"
                                                                 : "no such file",
                         .remedy = "check the name; examples/jobs holds jobs to start from"}};
    std::ifstream file{path, std::ios::binary};
    std::string text{std::istreambuf_iterator<char>{file}, {}};
    if (!file)
        throw FileError{"read the job " + path.string(),
                        {.expected = "a readable file",
                         .found = "an error while reading",
                         .remedy = "check the permissions"}};
    return text;
}

}  // namespace

Job parse_job(const std::string& text, const fs::path& path,
              const std::vector<std::string>& overrides) {
    Job job;
    job.path = path;
    try {
        store_table(job, path, toml::parse(text, path.string()));
    } catch (const toml::parse_error& error) {
        throw JobError{
            position(path, error.source()) + ": this is not TOML",
            {.expected = "key = value lines under [sections]",
             .found = std::string{error.description()},
             .remedy = "texts and quantities with a unit need quotes: interval = \"4 ms\""}};
    }
    for (const std::string& override_text : overrides) store_override(job, override_text);
    return job;
}

Job read_job(const fs::path& path, const std::vector<std::string>& overrides,
             const Communicator& communicator) {
    std::string text;
    communicator.collectively([&] {
        if (communicator.root()) text = read_text(path);
    });
    text = communicator.broadcast(text);
    Job job;
    communicator.collectively([&] { job = parse_job(text, path, overrides); });
    return job;
}

std::string find_file(const Job& job, const std::string& name, const Communicator& communicator) {
    std::string found;
    communicator.collectively([&] {
        if (!communicator.root()) return;
        std::vector<fs::path> places;
        if (fs::path{name}.is_absolute()) {
            places = {name};
        } else {
            places = {job.path.parent_path() / name};
            if (const char* data = std::getenv("LOP_DATA"); data != nullptr && *data != '\0')
                places.push_back(fs::path{data} / name);
        }
        std::string tried;
        for (const fs::path& place : places) {
            std::error_code ignored;
            if (fs::exists(place, ignored)) {
                found = place.string();
                return;
            }
            tried += (tried.empty() ? "" : ", ") + place.string();
        }
        throw FileError{
            "find the file " + name,
            {.expected = "a file at " + tried,
             .found = "nothing there",
             .remedy = "correct the name, or set LOP_DATA to the folder that holds it"}};
    });
    return communicator.broadcast(found);
}

}  // namespace lop::app
