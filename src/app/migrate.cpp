/// lop rtm and lop lsrtm: migration, least-squares migration, and what they are worth.
#include "commands.hpp"
#include "keys.hpp"
#include "problem.hpp"
#include "results.hpp"
#include <lop/core/parallel.hpp>
#include <lop/io/models.hpp>
#include <lop/io/records.hpp>
#include <lop/solvers/solvers.hpp>

#include <cmath>
#include <fmt/format.h>
#include <functional>

namespace lop::app {
namespace {

/// An image with its figures of merit.
template <Scalar T> struct Image {
    DistributedArray<T> values;    // Mr x, in s2/m2 up to the scale for a migration
    double relative_residual = 0;  // |b - s A x| / |b|, with the best scale s for a migration
    double correlation = std::nan("");
};

/// Correlation of an image with the true reflectivity where the image may differ from zero.
template <Scalar T> double correlation(const DistributedArray<T>& image,
                                       const DistributedArray<T>& truth,
                                       const Diagonal<DistributedSpace<T>>& Mr) {
    const auto seen = evaluate(map([](T w, T v) { return w != 0 ? v : T{}; }, Mr.weights(), truth));
    const double size = norm(image) * norm(seen);
    return size > 0 ? dot(image, seen) / size : std::nan("");
}

template <Scalar T, LinearOperator A>
Solution<DistributedArray<T>> solve(const A& a, const DistributedArray<T>& b,
                                    const Job::Inversion& options, const Monitor& monitor) {
    if (options.solver == "cgls")
        return cgls(
            a, b,
            {.iterations = options.iterations, .damping = options.damping, .monitor = monitor});
    if (options.solver == "steepest_descent")
        return steepest_descent(
            a, b,
            {.iterations = options.iterations, .damping = options.damping, .monitor = monitor});
    return lsqr(a, b,
                {.iterations = options.iterations,
                 .damping = options.damping,
                 .condition_limit = 0,
                 .monitor = monitor});
}

template <Scalar T> class MigrationRun {
 public:
    MigrationRun(const Job& job, Migration kind)
        : problem_{job},
          kind_{kind},
          results_{job, result_bytes()},
          M_{problem_.modeling(problem_.background)},
          J_{problem_.jacobian(M_)},
          Ml_{problem_.data_weights()},
          Mr_{problem_.image_weights()} {}

    void run() {
        tell_setup();
        const bool least_squares = kind_ == Migration::least_squares;
        problem_.tally->start(least_squares ? "LS-RTM" : "RTM", propagations());
        const auto A = Ml_ * J_ * Mr_;
        const auto d = problem_.observed();
        if (!(norm(d) > 0)) refuse_silence();
        const auto b = weighted_residual(d);

        rtm_ = migrated(A, b);
        if (least_squares) invert(A, b);
        write(d);
    }

 private:
    index_t result_bytes() const {
        const auto images = 5 * problem_.model.grid().size() * static_cast<index_t>(sizeof(T));
        constexpr index_t pictures = 4 << 20;
        const auto& r = problem_.acquisition.receivers;
        const bool records =
            problem_.job.output.records == "hdf5" || problem_.job.output.records == "segy";
        return images + pictures + (records ? r.trace_count() * (r.time().samples * 8 + 240) : 0);
    }

    /// The work in propagations of a shot: two whenever A or A' is applied.
    index_t propagations() const {
        index_t applied = 2;
        if (kind_ == Migration::least_squares) applied += 2 * problem_.job.inversion.iterations + 1;
        const index_t predicted = problem_.job.records.subtract ? problem_.shots() : 0;
        return problem_.observed_cost() + predicted + 2 * applied * problem_.shots();
    }

    void tell_setup() const {
        const Job& job = problem_.job;
        if (!job.general.title.empty()) say(job.general.title);
        say("model       " + describe(problem_.model.template as<double>()));
        say("background  " + describe(problem_.background.template as<double>()));
        say("data        " + describe(problem_.acquisition));
        say(fmt::format("propagation {} of {:.3g} ms; {}, {} each",
                        counted(M_.steps().samples, "step"), 1e3 * M_.steps().interval,
                        counted(Communicator::world().size(), "rank"),
                        counted(thread_count(), "thread")));
        say(fmt::format("history     {} ({:.0f} MB a rank)", J_.history(),
                        1e-6 * static_cast<double>(J_.history_bytes())));
    }

    DistributedArray<T> weighted_residual(const ShotRecords<T>& d) const {
        auto b = problem_.job.records.subtract ? Ml_ * (d - M_ * problem_.q) : Ml_ * d;
        if (norm(b) > 0) return b;
        throw JobError{"nothing is left to migrate",
                       {.expected = "data that differ from what the background predicts",
                        .found = "zeros after the mute",
                        .remedy = "look at background.kind, model.water_depth and "
                                  "preconditioning.mute_delay"}};
    }

    template <LinearOperator A> Image<T> migrated(const A& a, const DistributedArray<T>& b) const {
        const auto x = a.H() * b;
        const auto ax = a * x;
        const double explained = norm2(ax);
        if (!(explained > 0))
            throw JobError{"an image that is zero everywhere",
                           {.expected = "data that the weighted operators Ml J Mr can explain",
                            .remedy = "look at model.water_depth and preconditioning.top_mute"}};
        const double s = dot(ax, b) / explained;
        return judged(Mr_ * (s * x), norm(b - s * ax) / norm(b));
    }

    Image<T> judged(DistributedArray<T> image, double residual) const {
        Image<T> result{std::move(image), residual};
        if (problem_.knows_reflectivity())
            result.correlation = correlation(result.values, problem_.reflectivity(), Mr_);
        return result;
    }

    template <LinearOperator A>
    void invert(const A& a, const DistributedArray<T>& b) {
        say(fmt::format("\n{:>9}  {:>12}  {:>12}", "iteration", "|b - A x|/|b|", "|A'(b - A x)|"));
        const double size = norm(b);
        const auto solution = solve<T>(a, b, problem_.job.inversion, [&](const Iteration& it) {
            say(fmt::format("{:>9}  {:>12.6f}  {:>12.4e}", it.number, it.residual / size,
                            it.gradient));
            problem_.tally->note(fmt::format("|r| {:.4f}", it.residual / size));
            return true;
        });
        say(fmt::format("stopped: {}", words(solution.reason)));
        history_ = solution.history;
        image_ = judged(Mr_ * solution.x, norm(b - a * solution.x) / size);
    }

    void tell_merit() const {
        say(fmt::format("\n{:<8} {:>24} {:>20}", "", "correlation with truth",
                        "relative residual"));
        const auto line = [](const char* name, const Image<T>& image) {
            const std::string c =
                std::isnan(image.correlation) ? "-" : fmt::format("{:.4f}", image.correlation);
            say(fmt::format("{:<8} {:>24} {:>20.4f}", name, c, image.relative_residual));
        };
        line("RTM", rtm_);
        if (kind_ == Migration::least_squares) line("LS-RTM", image_);
    }

    void write(const ShotRecords<T>& d) const {
        tell_merit();
        say("\nresults");
        write_hdf5(d);
        write_pictures(d);
    }

    void write_hdf5(const ShotRecords<T>& d) const;
    void write_pictures(const ShotRecords<T>& d) const;

    Problem<T> problem_;
    Migration kind_;
    Results results_;
    Modeling<T> M_;
    Jacobian<T> J_;
    Diagonal<DistributedSpace<T>> Ml_;
    Diagonal<DistributedSpace<T>> Mr_;
    Image<T> rtm_{Mr_.domain().zeros()};
    Image<T> image_{Mr_.domain().zeros()};
    std::vector<Iteration> history_;
};

template <Scalar T> void MigrationRun<T>::write_hdf5(const ShotRecords<T>& d) const {
    const Grid& grid = problem_.model.grid();
    auto file = io::Hdf5File::create(results_.path("results.h5"), MPI_COMM_WORLD);
    file.set_attribute("/", "title", problem_.job.general.title);
    file.set_attribute("/", "job", problem_text(problem_.job));
    const auto grid_array = [&](const char* name, const DistributedArray<T>& values) {
        io::write_grid(file, name, values, grid, "s2/m2");
    };
    grid_array("m", problem_.model.slowness_squared());
    grid_array("m0", problem_.background.slowness_squared());
    if (problem_.knows_reflectivity()) grid_array("reflectivity", problem_.reflectivity());
    const auto image = [&](const char* name, const Image<T>& values) {
        grid_array(name, values.values);
        file.set_attribute(name, "relative_residual", values.relative_residual);
        if (!std::isnan(values.correlation))
            file.set_attribute(name, "correlation", values.correlation);
    };
    image("rtm", rtm_);
    if (kind_ == Migration::least_squares) {
        image("image", image_);
        std::vector<double> residual, gradient;
        for (const Iteration& it : history_) {
            residual.push_back(it.residual / history_.front().residual);
            gradient.push_back(it.gradient);
        }
        const auto count = static_cast<std::int64_t>(residual.size());
        file.write_whole("history/residual", residual.data(), {count},
                         {{"words", std::string{"|b - A x| / |b|"}}});
        file.write_whole("history/gradient", gradient.data(), {count},
                         {{"words", std::string{"|A'(b - A x)|"}}});
    }
    if (problem_.job.output.records == "hdf5") io::write_records(file, "records", d);
    file.commit();
    results_.announce("results.h5", "images, media, history");
    if (problem_.job.output.records == "segy") {
        io::write_segy(results_.path("records.segy").string(), d);
        results_.announce("records.segy", "the data");
    }
}

template <Scalar T> void MigrationRun<T>::write_pictures(const ShotRecords<T>& d) const {
    const Grid& grid = problem_.model.grid();
    const auto velocity = [&](const char* name, const char* title, const Model<T>& model) {
        results_.picture(name, title, [&](const auto& path) { draw_velocity(path, title, model); });
    };
    velocity("model.png", "model", problem_.model);
    velocity("background.png", "background", problem_.background);
    const auto image = [&](const char* name, const char* title, const DistributedArray<T>& values) {
        results_.picture(name, title, [&](const auto& path) {
            draw(path, section_of(grid, values.data(), 1e6),
                 {.title = title,
                  .quantity = "change of squared slowness",
                  .unit = "s2/km2",
                  .colors = io::ColorMap::grey,
                  .percentile = 99});
        });
    };
    if (problem_.knows_reflectivity())
        image("reflectivity.png", "true reflectivity", problem_.reflectivity());
    image("rtm.png", "reverse-time migration", rtm_.values);
    if (kind_ == Migration::least_squares) {
        image("image.png", "least-squares reverse-time migration", image_.values);
        results_.picture("convergence.png", "residual over iterations", [&](const auto& path) {
            io::Curve curve{"|b - A x| / |b|"};
            for (const Iteration& it : history_)
                curve.y.push_back(it.residual / history_.front().residual);
            io::write_curves(path, {curve},
                             {.title = "convergence of " + problem_.job.inversion.solver,
                              .y_label = "relative residual"});
        });
    }
    picture_shot(results_, d);
}

template <Scalar T> void migrate_in(const Job& job, Migration kind) {
    MigrationRun<T>{job, kind}.run();
}

}  // namespace

void migrate(const Job& job, Migration kind) {
    if (job.general.precision == "double") migrate_in<double>(job, kind);
    else migrate_in<float>(job, kind);
}

}  // namespace lop::app
