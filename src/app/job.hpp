/// A job: what a run of the program is asked to do, read from TOML against the table of keys.
#pragma once

#include <lop/core/scalar.hpp>
#include <lop/distributed/communicator.hpp>

#include <filesystem>
#include <string>
#include <vector>

namespace lop::app {

/// All lengths in m, times in s, frequencies in Hz, velocities in m/s. The key of the same name
/// in the same section says what a member means (key_table.cpp); its default stands here.
struct Job {
    struct General {
        std::string title{};
        std::string precision = "single";
    } general{};
    struct Medium {
        std::string kind = "synthetic";
        std::string file{};
        std::string dataset{};
        std::string unit{};
        std::string axes{};
        std::vector<index_t> shape{};
        std::string scalar = "float32";
        std::string byte_order = "little";
        std::vector<double> spacing{};
        std::vector<double> origin{};
        index_t every = 1;
        double water_depth = 200;
        double velocity = 1600;
        double gradient = 0.6;  // (m/s)/m
    } model{};
    struct Background {
        std::string kind = "smooth";
        double length = 60;
        std::string file{};
        std::string dataset{};
        std::string unit{};
    } background{};
    struct Records {
        std::string kind = "modelled";
        std::string file{};
        std::string group = "records";
        std::string elevation = "up";
        std::string length_unit{};
        std::string byte_order{};
        std::string format{};
        index_t samples = 0;
        double interval = 0;
        bool accept_truncated = false;
        bool accept_geographic = false;
        double time_shift = 0;
        bool subtract = true;
    } records{};
    struct Sources {
        std::vector<double> first{};
        std::vector<double> last{};
        index_t count = 16;
    } sources{};
    struct Receivers {
        std::string spread = "fixed";
        std::vector<double> first{};
        std::vector<double> last{};
        index_t count = 150;
    } receivers{};
    struct Time {
        index_t samples = 451;
        double interval = 0.004;
    } time{};
    struct Source {
        double frequency = 12;
        double delay = -1;  // negative: from the frequency
    } wavelet{};
    struct Propagation {
        index_t space_order = 8;
        index_t layer_cells = 20;
        double layer_reflection = 1e-5;
        double layer_frequency = 0;
        bool free_surface = false;
        double courant = 0.75;
        double time_step = 0;
        std::string interpolation = "sinc";
        double dispersion_limit = 0.05;
        index_t history_every = 0;
        double history_memory = 0;  // MB
        std::string history_folder{};
        std::string history_storage = "full";
        std::vector<double> history_frequencies{};  // Hz
        bool history_reversal = false;
    } propagation{};
    struct Snapshots {
        std::string file{};
        std::string quantity{};
        index_t every = 20;
        index_t shot = 0;
        std::vector<index_t> stride{};
    } snapshots{};
    struct Preconditioning {
        bool data_mute = true;
        double mute_velocity = 1500;
        double mute_delay = 0.2;
        double mute_taper = 0.1;
        bool top_mute = true;
        double top_taper = 50;
        double depth_power = 0.5;
    } preconditioning{};
    struct Inversion {
        std::string solver = "lsqr";
        index_t iterations = 10;
        double damping = 0;
    } inversion{};
    struct Output {
        std::string folder{};
        std::string records{};
        bool pictures = true;
    } output{};

    /// Where the job was read, and the keys that it or the command line set.
    std::filesystem::path path{};
    std::vector<std::string> set_keys{};
};

/// Reads a job; `overrides` are "section.key=value" from the command line, the last one wins.
/// Collective: one rank reads, all parse the same text and fail alike. Throws FileError, JobError.
Job read_job(const std::filesystem::path& path, const std::vector<std::string>& overrides = {},
             const Communicator& communicator = Communicator::world());

/// The same from a text; `path` names it in errors.
Job parse_job(const std::string& text, const std::filesystem::path& path,
              const std::vector<std::string>& overrides = {});

/// Where a file that the job names lies: an absolute name as it is, a relative one beside the job,
/// then under the folder named by the environment variable LOP_DATA. Collective. Throws FileError
/// naming every place that was tried.
std::string find_file(const Job& job, const std::string& name,
                      const Communicator& communicator = Communicator::world());

}  // namespace lop::app
