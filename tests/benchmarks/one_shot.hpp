/// The rows of one shot: forward, gradient, Born and spectra as a user's program has them, by the algebra.
///
/// The set-up is that of one_shot.py, by which the peers run: `points` a side every 10 m, velocities that rise with
/// depth from 1.5 to 2.5 km/s, steps of 1.6 ms, a Ricker wavelet of 15 Hz in the middle at 100 m, a receiver at every
/// point 200 m deep. Ranks, where there are several, share the shot.
#pragma once

#include <lop/operators/wave/modeling.hpp>
#include <lop/operators/wave/spectra.hpp>
#include <lop/seismic/wavelet.hpp>

#include <cmath>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace bench {

using lop::index_t;

struct OneShotSetup {
    index_t points = 1001, steps = 1500, layers = 40;
    int order = 8;
    index_t every = 0;  ///< the comb of histories and spectra; 0: lop's own choice
};

/// An operator with what it acts on, made before the clock runs.
struct Work {
    std::function<void()> apply;
    std::shared_ptr<lop::DistributedArray<float>> result;
    index_t every = 1;
    std::size_t history_bytes = 0;
    std::string history{};
};

class OneShot {
 public:
    using Values = lop::DistributedArray<float>;

    explicit OneShot(const OneShotSetup& setup)
        : setup_{setup},
          time_{.samples = setup.steps, .interval = 1.6e-3},
          wavelet_{lop::ricker(15)} {}

    /// Row "shot2d_forward", "shot2d_gradient", "shot2d_born" or "shot2d_dft<number of frequencies>".
    Work work(const std::string& row) const {
        const lop::Communicator world = lop::Communicator::world();
        const lop::ProcessGrid ranks{world, {1, world.size()}};
        const auto sources = lop::shots_at({at(middle(), 10)}, time_, ranks);
        const auto spread =
            lop::line_of_points(at(0, 20), at(setup_.points - 1, 20), setup_.points);
        const auto receivers = lop::fixed_spread(spread, 1, time_, ranks);
        const auto q = lop::point_sources(sources, wavelet_);

        const lop::LinearOperator auto Ps = lop::Projection{sources};
        const lop::LinearOperator auto Pr = lop::Projection{receivers};
        const lop::LinearOperator auto F =
            lop::Propagator{medium(ranks),
                            {.space_order = setup_.order,
                             .boundary = {.cells = setup_.layers, .frequency = 15},
                             .time_step = time_.interval,
                             .max_frequency = wavelet_.max_frequency}};
        const lop::LinearOperator auto M = Pr * F * Ps.H();
        if (row == "shot2d_forward") return applied(M, q);
        if (row.starts_with(dft)) return spectra(M, q, std::stoi(row.substr(dft.size())));

        const auto J = lop::jacobian(M, q, {.every = setup_.every});
        Work work;
        if (row == "shot2d_born") {
            work = applied(J, perturbation(J.domain().zeros()));  // keeps nothing
        } else if (row == "shot2d_gradient") {
            work = applied(J.H(), data(J.range().zeros()));
            work.history_bytes = J.history_bytes();
            work.history = J.history();
        } else throw std::invalid_argument{"what is row " + row + "?"};
        work.every = J.every();
        return work;
    }

 private:
    inline static const std::string dft = "shot2d_dft";

    static constexpr double spacing = 10;
    index_t middle() const { return setup_.points / 2; }
    static lop::Point at(index_t i, index_t k) {
        return {static_cast<double>(i) * spacing, 0, static_cast<double>(k) * spacing};
    }

    template <class A> static Work applied(const A& a, const Values& x) {
        auto y = std::make_shared<Values>(a.range().zeros());
        return {[=] { a.forward(x, *y); }, y};
    }

    Work spectra(const lop::Modeling<float>& M, const Values& q, int count) const {
        std::vector<double> frequencies;
        for (int k = 1; k <= count; ++k) frequencies.push_back(40.0 * k / count);
        const lop::Spectra U{M, frequencies, setup_.every};
        Work work = applied(U, q);
        work.every = U.every();
        return work;
    }

    lop::WaveMedium<float> medium(const lop::ProcessGrid& ranks) const {
        const index_t n = setup_.points;
        lop::Array<float> v{lop::Shape{n, n}};
        for (index_t i = 0; i < n * n; ++i)
            v.data()[i] = static_cast<float>(1500 + 1000 * static_cast<double>(i % n) /
                                                        static_cast<double>(n - 1));
        const lop::WaveMedium<float> whole = lop::Acoustic{
            lop::Model<float>::from_velocity({lop::Shape{n, n}, {spacing, spacing}}, v)};
        return ranks.communicator().size() == 1 ? whole : whole.over(ranks, setup_.layers);
    }

    /// values[row, column] of an array whose rows have `columns` values.
    template <class Value> static Values fill(Values values, index_t columns, const Value& value) {
        for (index_t i = 0; i < values.size(); ++i) {
            const index_t whole = values.layout()->global_index(i);
            values.data()[i] = static_cast<float>(value(whole / columns, whole % columns));
        }
        return values;
    }

    /// dm: a tenth of m, in a Gaussian of 50 m around a point 400 m deep, under the source.
    Values perturbation(Values zeros) const {
        return fill(std::move(zeros), setup_.points, [&](index_t i, index_t k) {
            const auto x = static_cast<double>(i - middle()), z = static_cast<double>(k - 40);
            const double v =
                1500 + 1000 * static_cast<double>(k) / static_cast<double>(setup_.points - 1);
            return 0.1 / (v * v) * std::exp(-(x * x + z * z) / 50);
        });
    }

    /// What the adjoint migrates: the wavelet, late by sqrt(offset^2 + (800 m)^2) / (1.7 km/s), where that is 0.3 s
    /// before the record ends, so that nothing is cut off.
    Values data(Values zeros) const {
        return fill(std::move(zeros), setup_.steps, [&](index_t trace, index_t n) {
            const double late =
                std::hypot(spacing * static_cast<double>(trace - middle()), 800.0) / 1700;
            if (late > time_.last() - 0.3) return 0.0;
            return wavelet_(static_cast<double>(n) * time_.interval - late);
        });
    }

    OneShotSetup setup_;
    lop::TimeAxis time_;
    lop::Wavelet wavelet_;
};

}  // namespace bench
