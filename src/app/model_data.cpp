/// lop model: shot records of the job's medium.
#include "commands.hpp"
#include "keys.hpp"
#include "problem.hpp"
#include "results.hpp"
#include <lop/io/models.hpp>
#include <lop/io/records.hpp>

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

template <Scalar T> void model_in(const Job& job) {
    // Records that are read give the geometry; their samples are not what is asked for.
    const Problem<T> problem{job};
    const Geometry& r = problem.acquisition.receivers;
    const Results results{job, r.trace_count() * (r.time().samples * 8 + 240) + (4 << 20)};
    const auto M = problem.modeling(problem.model);
    if (!job.general.title.empty()) say(job.general.title);
    say("model       " + describe(problem.model.template as<double>()));
    say("data        " + describe(problem.acquisition));
    say(fmt::format("propagation {} of {:.3g} ms", counted(M.steps().samples, "step"),
                    1e3 * M.steps().interval));
    const bool born = job.records.kind == "born";
    problem.tally->start("modelling", born ? problem.observed_cost() : problem.shots());
    ShotRecords<T> d{problem.acquisition.sources, problem.acquisition.receivers};
    if (born) d = problem.observed();
    else d = M * problem.q;
    if (!(norm(d) > 0)) refuse_silence();
    say(fmt::format("|d| = {:.6g}\n\nresults", norm(d)));
    write_data(job, results, d);
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
