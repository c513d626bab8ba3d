/// Plane waves through the step of a program.
#include "stability.hpp"

#include "stencil.hpp"
#include <lop/core/error.hpp>
#include <lop/core/place.hpp>

#include <Eigen/Core>
#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <complex>
#include <cstring>
#include <limits>
#include <numbers>
#include <string>

namespace lop::wave {
namespace {

using Complex = std::complex<double>;

/// The value of an expression where parameters do not vary.
double evaluate(const Physics& w, int node, const double* parameters,
                const std::vector<double>& settings, double dt) {
    if (node < 0) return 1;
    const Node& n = w.nodes[node];
    const auto left = [&] { return evaluate(w, n.left, parameters, settings, dt); };
    const auto right = [&] { return evaluate(w, n.right, parameters, settings, dt); };
    switch (n.op) {
        case Op::constant: return n.value;
        case Op::parameter: return parameters[n.left];
        case Op::setting: return settings[static_cast<std::size_t>(n.left)];
        case Op::time_step: return dt;
        case Op::add: return left() + right();
        case Op::subtract: return left() - right();
        case Op::multiply: return left() * right();
        case Op::divide: return left() / right();
        case Op::root: return std::sqrt(left());
        case Op::exponential: return std::exp(left());
        case Op::average:
        case Op::harmonic:
        case Op::surface: return left();
    }
    return 0;
}

/// What the program makes of plane waves with the phases `kh` a cell: fields and older levels at a step, as
/// amplitudes at their own positions.
class PlaneWave {
 public:
    PlaneWave(const UniformMedium& medium, double dt, const std::array<double, 3>& kh)
        : medium_{medium},
          program_{*medium.program},
          dt_{dt},
          stencil_{taylor_stencil(medium.order)},
          kh_{kh} {}

    Eigen::MatrixXcd matrix() const {
        std::vector<int> places;  // of the state: field, or field + most_fields for its older level
        for (int f = 0; f < program_.fields.count; ++f) {
            if (program_.fields[f].kind == FieldKind::temporary) continue;
            places.push_back(f);
            if (program_.fields[f].kind == FieldKind::leap) places.push_back(f + most_fields);
        }
        const auto n = static_cast<Eigen::Index>(places.size());
        Eigen::MatrixXcd step(n, n);
        for (Eigen::Index column = 0; column < n; ++column) {
            std::array<Complex, 2 * most_fields> state{};
            state[static_cast<std::size_t>(places[static_cast<std::size_t>(column)])] = 1;
            advance(state);
            for (Eigen::Index row = 0; row < n; ++row)
                step(row, column) =
                    state[static_cast<std::size_t>(places[static_cast<std::size_t>(row)])];
        }
        return step;
    }

 private:
    Complex along(Difference kind, int axis) const {
        const auto k = static_cast<std::size_t>(axis);
        const double h = medium_.spacing[k];
        Complex sum = kind == Difference::second ? stencil_.second[0] / (h * h) : 0;
        for (int j = 1; j <= stencil_.radius; ++j) {
            const auto i = static_cast<std::size_t>(j);
            if (kind == Difference::second)
                sum += 2 * stencil_.second[i] / (h * h) * std::cos(j * kh_[k]);
            else if (kind == Difference::centred)
                sum += Complex{0, 2 * stencil_.first[i] / h * std::sin(j * kh_[k])};
            else sum += Complex{0, 2 * stencil_.staggered[i] / h * std::sin((j - 0.5) * kh_[k])};
        }
        return sum;
    }
    Complex symbol(const Derivative& d) const {
        if (d.kind != Difference::laplacian) return along(d.kind, d.axis);
        Complex sum = 0;
        for (int axis = 0; axis < program_.dimension; ++axis)
            sum += along(Difference::second, axis);
        return sum;
    }
    double coefficient(int index) const {
        const CoefficientRule& r = program_.coefficients[index];
        const auto value = [&](int node) {
            return evaluate(*medium_.physics, node, medium_.parameters.data(), medium_.settings,
                            dt_);
        };
        return r.sign * value(r.node) * value(r.times) / value(r.over);
    }
    double gain(const GainOf& g) const {
        switch (g.gain) {
            case Gain::zero: return 0;
            case Gain::one: return 1;
            case Gain::two: return 2;
            case Gain::minus_one: return -1;
            case Gain::coefficient: return coefficient(g.coefficient);
        }
        return 0;
    }
    void advance(std::array<Complex, 2 * most_fields>& state) const {
        const auto at = [&](int field) -> Complex& {
            return state[static_cast<std::size_t>(field)];
        };
        std::array<Complex, most_fields> next{};
        for (const Stage& stage : program_.stages) {
            std::array<Complex, most_fields> values{};
            for (int u = 0; u < stage.updates.count; ++u) {
                const Update& update = stage.updates[u];
                Complex value = gain(update.own) * at(update.target) +
                                gain(update.before) * at(update.target + most_fields);
                for (const Signed& g : update.groups)
                    value += static_cast<double>(g.sign) * rate(stage, g.index, state);
                for (const ValueTerm& v : update.values)
                    value += coefficient(v.coefficient) * at(v.field);
                values[static_cast<std::size_t>(u)] = value;
            }
            for (int u = 0; u < stage.updates.count; ++u) {
                const int target = stage.updates[u].target;
                if (program_.fields[target].kind == FieldKind::leap)
                    next[static_cast<std::size_t>(target)] = values[static_cast<std::size_t>(u)];
                else at(target) = values[static_cast<std::size_t>(u)];
            }
        }
        for (int f = 0; f < program_.fields.count; ++f) {
            if (program_.fields[f].kind != FieldKind::leap) continue;
            at(f + most_fields) = at(f);
            at(f) = next[static_cast<std::size_t>(f)];
        }
    }
    /// coefficient * rate
    Complex rate(const Stage& stage, int group,
                 const std::array<Complex, 2 * most_fields>& state) const {
        Complex sum = 0;
        for (const Signed& d : stage.groups[group].derivatives)
            for (const SignedField& source : stage.derivatives[d.index].sources)
                sum += static_cast<double>(d.sign * source.sign) *
                       symbol(stage.derivatives[d.index]) *
                       state[static_cast<std::size_t>(source.field)];
        return coefficient(stage.groups[group].coefficient) * sum;
    }

    const UniformMedium& medium_;
    const Program& program_;
    double dt_;
    Stencil stencil_;
    std::array<double, 3> kh_;
};

/// Scales rows and columns against each other until they are of like size (Osborne 1960): fields are in units so
/// unlike that rounding would hide the eigenvalues.
void balance(Eigen::MatrixXcd& a) {
    for (int round = 0; round < 20; ++round)
        for (Eigen::Index i = 0; i < a.rows(); ++i) {
            const double own = std::abs(a(i, i));
            const double row = a.row(i).cwiseAbs().sum() - own;
            const double column = a.col(i).cwiseAbs().sum() - own;
            if (row < 1e-300 || column < 1e-300) continue;
            const double factor = std::sqrt(row / column);
            a.row(i) /= factor;
            a.col(i) *= factor;
        }
}

Eigen::VectorXcd eigenvalues(const UniformMedium& medium, double dt,
                             const std::array<double, 3>& kh) {
    Eigen::MatrixXcd step = PlaneWave{medium, dt, kh}.matrix();
    balance(step);
    return Eigen::ComplexEigenSolver<Eigen::MatrixXcd>{step, false}.eigenvalues();
}

/// Phases a cell along axes.
using Waves = std::vector<std::array<double, 3>>;

/// Where staggered and second differences are largest: on the diagonal.
Waves diagonal_waves() {
    Waves waves;
    for (const double share : {1.0, 0.75, 0.5, 0.25}) {
        const double kh = share * std::numbers::pi;
        waves.push_back({kh, kh, kh});
    }
    return waves;
}

/// How far a step turns a wave of the equation in time, at most.
double turn(const UniformMedium& medium, double dt, const std::array<double, 3>& kh) {
    double most = 0;
    for (const Complex& value : eigenvalues(medium, dt, kh))
        most = std::max(most, std::abs(std::arg(value)));
    return most;
}

/// The wave that a short step turns furthest, which is the first to grow in longer ones: centred differences are largest
/// before the shortest wave, and where axes of symmetry are tilted one diagonal is not the other.
std::array<double, 3> fastest_wave(const UniformMedium& medium, double dt) {
    const auto axes = static_cast<std::size_t>(medium.program->dimension);
    std::array<double, 3> best{};
    double most = 0;
    const auto consider = [&](const std::array<double, 3>& kh) {
        const double found = turn(medium, dt, kh);
        if (found > most) best = kh;
        most = std::max(most, found);
    };
    for (int number = 0; number < (axes == 2 ? 15 : 75); ++number) {  // halves of the shortest wave
        const std::array<int, 3> halves{number % 3, number / 3 % 5 - 2,
                                        axes == 2 ? 0 : number / 15 - 2};
        std::array<double, 3> kh{};
        for (std::size_t axis = 0; axis < axes; ++axis)
            kh[axis] = halves[axis] * std::numbers::pi / 2;
        consider(kh);
    }
    for (double reach = std::numbers::pi / 4; reach > 1e-3; reach /= 2)
        for (std::size_t axis = 0; axis < axes; ++axis)
            for (const double sign : {-1.0, 1.0}) {
                auto kh = best;
                kh[axis] = std::clamp(kh[axis] + sign * reach, -std::numbers::pi, std::numbers::pi);
                consider(kh);
            }
    return best;
}

bool is_stable(const UniformMedium& medium, double dt, const Waves& waves) {
    constexpr double rounding = 1e-6;  // of eigenvalues that meet on the unit circle
    for (const auto& kh : waves)
        for (const Complex& value : eigenvalues(medium, dt, kh))
            if (!(std::abs(value) <= 1 + rounding)) return false;
    return true;
}

/// Between a step at which no wave grows and a longer one at which some do.
double longest_step(const UniformMedium& medium, double low, double high, const Waves& waves) {
    for (int round = 0; round < 60 && high - low > 1e-13 * high; ++round) {
        const double middle = 0.5 * (low + high);
        (is_stable(medium, middle, waves) ? low : high) = middle;
    }
    return low;
}

/// Of the time in which a wave crosses a cell: no scheme asks for so short a step, unless its waves grow at any.
constexpr double least_share_of_a_cell = 1e-4;

std::string words_of(const Physics& w, const std::vector<double>& parameters) {
    std::string words;
    for (int p = 0; p < w.parameters.count; ++p)
        words += (p > 0 ? ", " : "") + std::string{w.parameters[p].name} + " = " +
                 number_words(parameters[static_cast<std::size_t>(p)]) + " " + w.parameters[p].unit;
    return words;
}

[[noreturn]] void refuse_equation(const UniformMedium& medium, double dt) {
    throw StabilityError{
        "a wave equation in a medium of " + words_of(*medium.physics, medium.parameters),
        {.expected = "time steps at which no plane wave grows",
         .found = "one that grows even in steps of " + number_words(dt) + " s",
         .remedy = "other signs of the terms that feed it"}};
}

}  // namespace

double stable_time_step(const UniformMedium& medium) {
    double h = medium.spacing[0];
    for (int axis = 1; axis < medium.program->dimension; ++axis)
        h = std::min(h, medium.spacing[static_cast<std::size_t>(axis)]);
    const double speed = evaluate(*medium.physics, medium.physics->fastest_speed,
                                  medium.parameters.data(), medium.settings, 0);
    Waves waves = diagonal_waves();
    double low = 0;
    double high = h / speed;  // twice and more beyond what any stencil carries
    while (is_stable(medium, high, waves)) low = std::exchange(high, 2 * high);
    low = longest_step(medium, low, high, waves);
    waves = {fastest_wave(medium, 0.1 * low)};
    if (!is_stable(medium, low, waves)) low = longest_step(medium, 0, low, waves);
    const double least = least_share_of_a_cell * h / speed;
    if (low < least) refuse_equation(medium, least);
    return low;
}

double dispersion_error(const UniformMedium& medium, double velocity, double frequency, double dt) {
    std::size_t axis = 0;
    for (std::size_t k = 1; k < static_cast<std::size_t>(medium.program->dimension); ++k)
        if (medium.spacing[k] > medium.spacing[axis]) axis = k;
    const double omega = 2 * std::numbers::pi * frequency;
    std::array<double, 3> kh{};
    kh[axis] = omega * medium.spacing[axis] / velocity;
    if (kh[axis] >= std::numbers::pi) return std::numeric_limits<double>::infinity();
    if (kh[axis] < 1e-4) return 0;  // below the rounding of its symbol
    double best = std::numeric_limits<double>::infinity();
    const Eigen::VectorXcd values = eigenvalues(medium, dt, kh);
    for (const Complex& value : values)
        best = std::min(best, std::abs(std::abs(std::arg(value)) / (dt * omega) - 1));
    return best;
}

namespace {

/// The values of an expression of parameters at `count` points of the model from `begin` on.
template <class T> class SpeedRows {
 public:
    SpeedRows(const Physics& physics, const std::vector<double>& settings, const T* parameters,
              index_t size)
        : w_{physics}, settings_{settings}, parameters_{parameters}, size_{size} {}

    void run(int node, index_t begin, std::size_t count, double* out) const {
        const Node& n = w_.nodes[node];
        switch (n.op) {
            case Op::constant: std::fill_n(out, count, n.value); return;
            case Op::setting:
                std::fill_n(out, count, settings_[static_cast<std::size_t>(n.left)]);
                return;
            case Op::time_step: std::fill_n(out, count, 0.0); return;
            case Op::parameter: {
                const T* from = parameters_ + n.left * size_ + begin;
                for (std::size_t i = 0; i < count; ++i) out[i] = static_cast<double>(from[i]);
                return;
            }
            default: break;
        }
        run(n.left, begin, count, out);
        std::vector<double> other(n.right >= 0 ? count : 0);
        if (n.right >= 0) run(n.right, begin, count, other.data());
        for (std::size_t i = 0; i < count; ++i) {
            switch (n.op) {
                case Op::add: out[i] += other[i]; break;
                case Op::subtract: out[i] -= other[i]; break;
                case Op::multiply: out[i] *= other[i]; break;
                case Op::divide: out[i] /= other[i]; break;
                case Op::root: out[i] = std::sqrt(out[i]); break;
                case Op::exponential: out[i] = std::exp(out[i]); break;
                default: break;  // averages of a value that does not vary
            }
        }
    }

 private:
    const Physics& w_;
    const std::vector<double>& settings_;
    const T* parameters_;
    index_t size_;
};

template <class T> std::vector<double> parameters_at(const Physics& w, const T* parameters,
                                                     index_t size, index_t i) {
    std::vector<double> here;
    for (int p = 0; p < w.parameters.count; ++p)
        here.push_back(static_cast<double>(parameters[p * size + i]));
    return here;
}

/// A model, some planes of which lie here.
template <class T> struct Surveyed {
    const Physics& physics;
    const T* parameters;
    index_t size;
    const Shape& shape;
    index_t first;

    [[noreturn]] void refuse(const std::string& expected, index_t i) const {
        throw ModelError{"a propagation of waves in this model",
                         {.expected = expected + " everywhere",
                          .found = words_of(physics, parameters_at(physics, parameters, size, i)) +
                                   " at point " + place_words(first + i, shape),
                          .remedy = "repair the model: mask or interpolate such points"}};
    }
    void check_finite() const {
        for (index_t p = 0; p < physics.parameters.count; ++p)
            for (index_t i = 0; i < size; ++i)
                if (!std::isfinite(parameters[p * size + i]))
                    refuse(std::string{"finite values of "} +
                               physics.parameters[static_cast<int>(p)].name,
                           i);
    }
    /// `values` of an expression at points from `begin` on.
    void check(const Bound& bound, const std::vector<double>& values, std::size_t count,
               index_t begin) const {
        for (std::size_t i = 0; i < count; ++i)
            if (!(values[i] > 0 || (bound.may_vanish && values[i] == 0)))
                refuse(std::string{bound.name} +
                           (bound.may_vanish ? " not below zero" : " above zero"),
                       begin + static_cast<index_t>(i));
    }
};

/// Of what this rank holds.
template <class T> SpeedSurvey survey_here(const Physics& physics,
                                           const std::vector<double>& settings,
                                           const Surveyed<T>& model) {
    const T* parameters = model.parameters;
    const index_t size = model.size;
    if (settings.size() != static_cast<std::size_t>(physics.settings.count))
        throw ArgumentError{"the settings of a wave equation",
                            {.expected = std::to_string(physics.settings.count) + " numbers",
                             .found = std::to_string(settings.size())}};
    constexpr std::size_t piece = 4096;
    const SpeedRows<T> rows{physics, settings, parameters, size};
    model.check_finite();
    std::vector<double> fast(piece), slow(piece);
    SpeedSurvey found;
    found.slowest = std::numeric_limits<double>::infinity();
    index_t fastest_at = 0;
    index_t slowest_at = 0;
    for (index_t begin = 0; begin < size; begin += static_cast<index_t>(piece)) {
        const std::size_t count = std::min(piece, static_cast<std::size_t>(size - begin));
        for (const Bound& bound : physics.bounds) {
            rows.run(bound.node, begin, count, fast.data());
            model.check(bound, fast, count, begin);
        }
        rows.run(physics.fastest_speed, begin, count, fast.data());
        rows.run(physics.slowest_speed, begin, count, slow.data());
        for (std::size_t i = 0; i < count; ++i) {
            const index_t at = begin + static_cast<index_t>(i);
            if (!(fast[i] > 0 && std::isfinite(fast[i]) && slow[i] >= 0 && std::isfinite(slow[i])))
                model.refuse("a positive, finite wave speed", at);
            const double slower = slow[i] > 0 ? slow[i] : fast[i];
            if (fast[i] > found.fastest) {
                found.fastest = fast[i];
                fastest_at = at;
            }
            if (slower < found.slowest) {
                found.slowest = slower;
                slowest_at = at;
            }
        }
    }
    found.at_fastest = parameters_at(physics, parameters, size, fastest_at);
    found.at_slowest = parameters_at(physics, parameters, size, slowest_at);
    return found;
}

/// Of equal speeds those of the first rank, which are those of the first point of the model.
SpeedSurvey survey_of_all(const SpeedSurvey& here, const Domain& domain) {
    const std::size_t count = here.at_fastest.size();
    std::vector<double> packed{here.fastest, here.slowest};
    packed.insert(packed.end(), here.at_fastest.begin(), here.at_fastest.end());
    packed.insert(packed.end(), here.at_slowest.begin(), here.at_slowest.end());
    const std::size_t bytes = packed.size() * sizeof(double);
    const std::vector<char> gathered = domain.ranks().gather_bytes(packed.data(), bytes);
    SpeedSurvey all = here;
    for (int rank = 0; rank < domain.ranks().size(); ++rank) {
        std::memcpy(packed.data(), gathered.data() + static_cast<std::size_t>(rank) * bytes, bytes);
        const auto at = packed.begin() + 2;
        const auto split = at + static_cast<std::ptrdiff_t>(count);
        if (rank == 0 || packed[0] > all.fastest) {
            all.fastest = packed[0];
            all.at_fastest.assign(at, split);
        }
        if (rank == 0 || packed[1] < all.slowest) {
            all.slowest = packed[1];
            all.at_slowest.assign(split, packed.end());
        }
    }
    return all;
}

}  // namespace

template <class T>
SpeedSurvey survey(const Physics& physics, const std::vector<double>& settings, const T* parameters,
                   index_t size, const Shape& shape, const Domain& domain, index_t first) {
    SpeedSurvey here;
    domain.together([&] {
        here = survey_here<T>(physics, settings, {physics, parameters, size, shape, first});
    });
    return domain.is_cut() ? survey_of_all(here, domain) : here;
}

template SpeedSurvey survey(const Physics&, const std::vector<double>&, const float*, index_t,
                            const Shape&, const Domain&, index_t);
template SpeedSurvey survey(const Physics&, const std::vector<double>&, const double*, index_t,
                            const Shape&, const Domain&, index_t);

}  // namespace lop::wave
