/// The media of a job: the one that data come from and the one that is migrated in.
#pragma once

#include "job.hpp"
#include <lop/seismic/model.hpp>

#include <string>

namespace lop::app {

/// Collective. Throws what the readers throw, and JobError for keys that contradict each other.
Model<double> read_medium(const Job& job);
Model<double> read_background(const Job& job, const Model<double>& medium);

/// Grid and velocities in a line.
std::string describe(const Model<double>& model);

/// Throws JobError: a section of kind "file" without a file.
void require_file(const std::string& section, const std::string& file);

}  // namespace lop::app
