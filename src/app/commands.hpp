/// The commands of the program.
#pragma once

#include <string>

#include "job.hpp"

namespace lop::app {

/// Models the job's data and writes them. Collective, as all that follow with a job.
void model_data(const Job& job);

enum class Migration { reverse_time, least_squares };
/// Migrates, tells how well, and writes the results.
void migrate(const Job& job, Migration kind);

/// Tests the operators that the job would use, in both precisions; prints a table, or one JSON
/// object a line. Returns whether all hold.
bool check_operators(const Job& job, bool json);

/// Prints what a file is and holds.
void tell_about(const std::string& path);

struct PlotOptions {
    std::string dataset{};  // HDF5; empty: every section of the file
    index_t shot = 0;       // SEG-Y, counted from 0
    std::string output{};   // empty: beside the current folder, named like the file
};
/// Draws sections of HDF5 files, shot records of SEG-Y files, and the media of jobs.
void plot(const std::string& path, const PlotOptions& options);

/// Parses the command line and runs a command; returns the exit code. Throws lop::Error.
int run_program(int argc, char** argv);

}  // namespace lop::app
