/// The commands of the program.
#pragma once

#include "job.hpp"

#include <optional>
#include <string>
#include <vector>

namespace lop::app {

/// Models the job's data and writes them. Collective, as all that follow with a job.
void model_data(const Job& job);

enum class Migration { reverse_time, least_squares };
/// Migrates, tells how well, and writes the results.
void migrate(const Job& job, Migration kind);

/// Tests the operators that the job would use, in both precisions; prints a table, or one JSON
/// object a line. Returns whether all hold.
bool check_operators(const Job& job, bool json);

/// Prints what a file is and holds. `overrides` are those of a job; of SEG-Y files, keys of its
/// [records] that say how they are to be read.
void tell_about(const std::string& path, const std::vector<std::string>& overrides);

struct PlotOptions {
    std::string dataset{};                 // HDF5; empty: every section of the file
    std::optional<index_t> shot{};         // SEG-Y, counted from 0; by default the first
    std::string output{};                  // empty: beside the current folder, named like the file
    std::vector<std::string> overrides{};  // as of tell_about
};
/// Draws sections of HDF5 files, snapshots as a sheet or a movie, shot records of SEG-Y files, and the media of jobs.
void plot(const std::string& path, const PlotOptions& options);

/// Parses the command line and runs a command; returns the exit code. Throws lop::Error.
int run_program(int argc, char** argv);

}  // namespace lop::app
