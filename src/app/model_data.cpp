/// lop model: shot records of the job's medium.
#include "commands.hpp"
#include "keys.hpp"
#include "problem.hpp"
#include "results.hpp"
#include "snapshot_pictures.hpp"
#include <lop/io/models.hpp>
#include <lop/io/records.hpp>
#include <lop/io/snapshots.hpp>
#include <lop/operators/wave/snapshots.hpp>

#include <fmt/format.h>

namespace lop::app {
namespace {

template <Scalar T>
void write_data(const Job& job, const Results& results, const ShotRecords<T>& d) {
    if (job.output.records == "none") return;
    if (job.output.records != "hdf5") {
        io::write_segy(results.path("records.segy").string(), d);
        results.announce("records.segy", "shot records");
        return;
    }
    auto file = io::Hdf5File::create(results.path("records.h5"), MPI_COMM_WORLD);
    file.set_attribute("/", "title", job.general.title);
    file.set_attribute("/", "job", problem_text(job));
    io::write_records(file, "records", d);
    file.commit();
    results.announce("records.h5", "shot records");
}

Snapshots snapshots_of(const Job::Snapshots& s) {
    return {.quantity = s.quantity, .every = s.every, .stride = s.stride, .shots = {s.shot}};
}

/// Born modelling has a wavefield in the background and a scattered one: neither is the wave of the data.
void check_snapshots(const Job& job, index_t shots) {
    const auto& s = job.snapshots;
    if (s.file.empty()) return;
    if (job.records.kind == "born")
        throw JobError{"the key snapshots.file with records.kind = \"born\"",
                       {.expected = "records.kind = \"modelled\""}};
    const std::filesystem::path name{s.file};
    if (name.has_parent_path() || (name.extension() != ".h5" && name.extension() != ".hdf5"))
        throw JobError{"the key snapshots.file",
                       {.expected = "a name in the folder of results that ends in .h5",
                        .found = s.file,
                        .remedy = "output.folder says which folder that is"}};
    for (const char* result : {"records", "model", "shot"})
        if (name.stem() == result)
            throw JobError{"the key snapshots.file",
                           {.expected = "a name of its own, and for a picture of that name",
                            .found = s.file,
                            .remedy = "u.h5"}};
    if (s.shot >= shots)
        throw JobError{"the key snapshots.shot",
                       {.expected = fmt::format("a shot from 0 to {}", shots - 1),
                        .found = std::to_string(s.shot)}};
}

/// d = M q, with snapshots where the job asks for them.
template <Scalar T>
DistributedArray<T> modelled(const Problem<T>& problem, const Modeling<T>& M,
                             const Results& results) {
    const auto& s = problem.job.snapshots;
    if (s.file.empty()) return M * problem.q;
    return record(M, problem.q, snapshots_of(s), io::snapshots_to(results.path(s.file)));
}

template <Scalar T> void tell_snapshots(const Problem<T>& problem, const Results& results) {
    const auto& s = problem.job.snapshots;
    if (s.file.empty()) return;
    results.announce(s.file, fmt::format("snapshots of shot {}", s.shot));
    results.announce(io::xdmf_path(s.file).string(), "the same, for ParaView");
    results.picture(
        std::filesystem::path{s.file}.replace_extension(".png").string(), "the same",
        [&](const auto& path) { draw_snapshots(io::Hdf5File::open(results.path(s.file)), path); });
}

template <Scalar T> void model_in(const Job& job) {
    // Records that are read give the geometry; their samples are not what is asked for.
    const Problem<T> problem{job};
    const Geometry& r = problem.acquisition.receivers;
    check_snapshots(job, r.shot_count());
    const auto M = problem.modeling(problem.model);
    const std::size_t kept =
        job.snapshots.file.empty() ? 0 : extent_of(M, snapshots_of(job.snapshots)).bytes();
    const Results results{job, r.trace_count() * (r.time().samples * 8 + 240) + (4 << 20) +
                                   static_cast<index_t>(kept)};
    if (!job.general.title.empty()) say(job.general.title);
    say("model       " + describe(problem.model.template as<double>()));
    say("data        " + describe(problem.acquisition));
    say(fmt::format("propagation {} of {:.3g} ms", counted(M.steps().samples, "step"),
                    1e3 * M.steps().interval));
    const bool born = job.records.kind == "born";
    problem.tally->start("modelling", born ? problem.observed_cost() : problem.shots());
    ShotRecords<T> d{problem.acquisition.sources, problem.acquisition.receivers};
    if (born) d = problem.observed();
    else d = modelled(problem, M, results);
    if (!(norm(d) > 0)) refuse_silence();
    say(fmt::format("|d| = {:.6g}\n\nresults", norm(d)));
    write_data(job, results, d);
    tell_snapshots(problem, results);
    results.picture("model.png", "model",
                    [&](const auto& path) { draw_velocity(path, "model", problem.model); });
    picture_shot(results, d);
}

}  // namespace

void model_data(const Job& job) {
    if (job.general.precision == "double") model_in<double>(job);
    else model_in<float>(job);
}

}  // namespace lop::app
