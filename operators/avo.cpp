/// Coefficients of reflection, and their sums over parameters and angles.
#include <lop/operators/avo.hpp>

#include "operators/lines.hpp"
#include "operators/wavelet_about_zero.hpp"
#include <lop/core/error.hpp>

#include <Eigen/LU>
#include <cmath>
#include <numbers>

namespace lop {
namespace {

constexpr index_t parameters = 3;  // of every linearisation that has a name

void check_angle(const char* what, double angle) {
    if (angle >= 0 && angle < std::numbers::pi / 2) return;
    throw ArgumentError{std::string{what} + " at an angle of " + number_words(angle) + " radians",
                        {.expected = "from 0 to less than pi/2",
                         .remedy = "the literal 30_deg, of an angle in degrees"}};
}

void check_medium(const char* where, const ElasticMedium& m) {
    for (const double value : {m.vp, m.vs, m.density})
        if (!(value > 0) || !std::isfinite(value))
            throw ArgumentError{std::string{"zoeppritz: the "} + where + " medium",
                                {.expected = "positive velocities and density",
                                 .found = number_words(m.vp) + ", " + number_words(m.vs) +
                                          " m/s, " + number_words(m.density) + " kg/m3"}};
}

}  // namespace

ScatteringMatrix zoeppritz(const ElasticMedium& upper, const ElasticMedium& lower, double angle) {
    check_angle("zoeppritz", angle);
    check_medium("upper", upper);
    check_medium("lower", lower);
    using C = std::complex<double>;
    const double p = std::sin(angle) / upper.vp;
    const auto cosine = [p](double velocity) {
        return std::sqrt(C{1 - p * p * velocity * velocity});
    };
    const auto& [a1, b1, r1] = upper;
    const auto& [a2, b2, r2] = lower;
    const C i1 = cosine(a1), j1 = cosine(b1), i2 = cosine(a2), j2 = cosine(b2);
    const double t1 = 1 - 2 * b1 * b1 * p * p;
    const double t2 = 1 - 2 * b2 * b2 * p * p;
    // Rows: the displacements along and down, the tractions along and down, continuous.
    Eigen::Matrix4cd out;
    out << C(-a1 * p), -j1, C(a2 * p), j2,  //
        i1, C(-b1 * p), i2, C(-b2 * p),     //
        2 * r1 * b1 * b1 * p * i1, C(r1 * b1 * t1), 2 * r2 * b2 * b2 * p * i2, C(r2 * b2 * t2),
        C(-r1 * a1 * t1), 2 * r1 * b1 * b1 * p * j1, C(r2 * a2 * t2), -2 * r2 * b2 * b2 * p * j2;
    // What comes in differs from what leaves by its direction down: by the sign of two rows.
    Eigen::Matrix4cd in = out;
    in.row(0) *= -1;
    in.row(3) *= -1;
    const Eigen::Matrix4cd s = out.partialPivLu().solve(in);
    ScatteringMatrix matrix;
    for (std::size_t i = 0; i < 4; ++i)
        for (std::size_t j = 0; j < 4; ++j)
            matrix[i][j] = s(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j));
    return matrix;
}

std::array<double, 3> avo_coefficients(AvoLinearization linearization, double angle, double vs_vp) {
    check_angle("avo_coefficients", angle);
    if (!(vs_vp > 0 && vs_vp < 1))
        throw ArgumentError{"avo_coefficients with vs/vp = " + number_words(vs_vp),
                            {.expected = "a ratio between 0 and 1"}};
    const double s = std::sin(angle);
    const double c = std::cos(angle);
    const double ks2 = vs_vp * vs_vp * s * s;
    const double secant2 = 1 / (2 * c * c);
    switch (linearization) {
        case AvoLinearization::aki_richards: return {secant2, -4 * ks2, 0.5 - 2 * ks2};
        case AvoLinearization::fatti: return {secant2, -4 * ks2, 2 * ks2 - s * s * secant2};
        case AvoLinearization::ps: break;
    }
    const double converted = std::sqrt(1 - ks2);  // its cosine
    const double kcc = vs_vp * c * converted;
    const double factor = s / (2 * converted);
    return {0, factor * (4 * ks2 - 4 * kcc), -factor * (1 - 2 * ks2 + 2 * kcc)};
}

namespace {

std::string words(const Shape& contrasts) { return "AvoModelling of " + contrasts.str(); }

/// The shape of the range: angles in place of parameters.
Shape reflectivity_shape(const Shape& contrasts, index_t expected, index_t angles) {
    if (contrasts.rank() < 2 || contrasts[1] != expected)
        throw ArgumentError{
            words(contrasts),
            {.expected = "[samples x " + std::to_string(expected) + " parameters x any axes]"}};
    if (angles < 1) throw ArgumentError{words(contrasts) + " at no angle", {.expected = "one"}};
    return contrasts.with(1, angles);
}

/// As many angles as the coefficients have; an axis that they lack is refused.
Shape shape_for(const Shape& contrasts, const Shape& coefficients) {
    if (coefficients.rank() != 3 || contrasts.rank() < 1 || coefficients[0] != contrasts[0])
        throw ArgumentError{words(contrasts) + " with coefficients[" + coefficients.str() + "]",
                            {.expected = "[its samples x angles x its parameters]"}};
    return reflectivity_shape(contrasts, coefficients[2], coefficients[1]);
}

std::vector<double> everywhere(const Shape& contrasts, double ratio) {
    return std::vector<double>(static_cast<std::size_t>(contrasts.rank() > 0 ? contrasts[0] : 0),
                               ratio);
}

template <class T> Array<T> coefficients_of(const Shape& contrasts,
                                            const std::vector<double>& angles,
                                            const std::vector<double>& vs_vp,
                                            AvoLinearization linearization) {
    const auto count = static_cast<index_t>(angles.size());
    const Shape range = reflectivity_shape(contrasts, parameters, count);
    if (static_cast<index_t>(vs_vp.size()) != range[0])
        throw ArgumentError{words(contrasts) + ": ratios vs/vp",
                            {.expected = std::to_string(range[0]) + ", one for each sample",
                             .found = std::to_string(vs_vp.size())}};
    Array<T> g{{range[0], count, parameters}, "coefficients"};
    T* next = g.data();
    for (const double ratio : vs_vp)
        for (const double angle : angles)
            for (const double value : avo_coefficients(linearization, angle, ratio))
                *next++ = static_cast<T>(value);
    return g;
}

/// y(t, r, ..) = sum_k w(t, r, k) x(t, k, ..), w the coefficients or, transposed, their transposes.
template <bool Transposed, class T>
void mix(const Array<T>& coefficients, index_t inner, const T* x, T* y) {
    const index_t samples = coefficients.shape()[0];
    const index_t angles = coefficients.shape()[1];
    const index_t terms = coefficients.shape()[2];
    const index_t rows = Transposed ? terms : angles;
    const index_t columns = Transposed ? angles : terms;
    over_lines({samples, std::max(rows, columns), inner},
               [&](index_t t, index_t first, index_t count) {
                   const T* g = coefficients.data() + t * angles * terms;
                   for (index_t r = 0; r < rows; ++r) {
                       T* to = y + (t * rows + r) * inner + first;
                       std::fill_n(to, count, T{});
                       for (index_t k = 0; k < columns; ++k) {
                           const T w = Transposed ? g[k * terms + r] : g[r * terms + k];
                           const T* from = x + (t * columns + k) * inner + first;
#pragma omp simd
                           for (index_t c = 0; c < count; ++c) to[c] += w * from[c];
                       }
                   }
               });
}

}  // namespace

template <Scalar T>
    requires(!is_complex<T>)
AvoModelling<T>::AvoModelling(const Shape& contrasts, const Array<T>& coefficients)
    : Operator<AvoModelling, ArraySpace<T>>{{"contrasts", contrasts},
                                            {"reflectivity",
                                             shape_for(contrasts, coefficients.shape())}},
      coefficients_{std::make_shared<const Array<T>>(coefficients)} {}

template <Scalar T>
    requires(!is_complex<T>)
AvoModelling<T>::AvoModelling(const Shape& contrasts, const std::vector<double>& angles,
                              const std::vector<double>& vs_vp, AvoLinearization linearization)
    : AvoModelling{contrasts, coefficients_of<T>(contrasts, angles, vs_vp, linearization)} {}

template <Scalar T>
    requires(!is_complex<T>)
AvoModelling<T>::AvoModelling(const Shape& contrasts, const std::vector<double>& angles,
                              double vs_vp, AvoLinearization linearization)
    : AvoModelling{contrasts, angles, everywhere(contrasts, vs_vp), linearization} {}

template <Scalar T>
    requires(!is_complex<T>)
void AvoModelling<T>::forward(const Array<T>& x, Array<T>& y) const {
    mix<false>(*coefficients_, x.shape().product(2, x.shape().rank()), x.data(), y.data());
}

template <Scalar T>
    requires(!is_complex<T>)
void AvoModelling<T>::adjoint(const Array<T>& y, Array<T>& x) const {
    mix<true>(*coefficients_, y.shape().product(2, y.shape().rank()), y.data(), x.data());
}

template <Scalar T>
    requires(!is_complex<T>)
PrestackModelling<T>::PrestackModelling(AvoModelling<T> reflectivity, std::vector<T> wavelet,
                                        Difference derivative)
    : Operator<PrestackModelling, ArraySpace<T>>{{"parameters", reflectivity.domain().shape()},
                                                 {"gathers", reflectivity.range().shape()}},
      derivative_{reflectivity.domain(), {.axis = 0, .kind = derivative}},
      reflectivity_{std::move(reflectivity)},
      wavelet_{convolution_about_zero("PrestackModelling", this->range().shape(),
                                      std::move(wavelet), 0)} {}

template <Scalar T>
    requires(!is_complex<T>)
PrestackModelling<T>::PrestackModelling(const Shape& shape, std::vector<T> wavelet,
                                        const std::vector<double>& angles, double vs_vp,
                                        const PrestackOptions& options)
    : PrestackModelling{AvoModelling<T>{shape, angles, vs_vp, options.linearization},
                        std::move(wavelet), options.derivative} {}

template <Scalar T>
    requires(!is_complex<T>)
PrestackModelling<T>::PrestackModelling(const Shape& shape, std::vector<T> wavelet,
                                        const std::vector<double>& angles,
                                        const std::vector<double>& vs_vp,
                                        const PrestackOptions& options)
    : PrestackModelling{AvoModelling<T>{shape, angles, vs_vp, options.linearization},
                        std::move(wavelet), options.derivative} {}

template <Scalar T>
    requires(!is_complex<T>)
void PrestackModelling<T>::forward(const Array<T>& x, Array<T>& y) const {
    auto contrasts = this->domain().scratch();
    auto reflectivity = this->range().scratch();
    derivative_.forward(x, *contrasts);
    reflectivity_.forward(*contrasts, *reflectivity);
    wavelet_.forward(*reflectivity, y);
}

template <Scalar T>
    requires(!is_complex<T>)
void PrestackModelling<T>::adjoint(const Array<T>& y, Array<T>& x) const {
    auto contrasts = this->domain().scratch();
    auto reflectivity = this->range().scratch();
    wavelet_.adjoint(y, *reflectivity);
    reflectivity_.adjoint(*reflectivity, *contrasts);
    derivative_.adjoint(*contrasts, x);
}

template class AvoModelling<float>;
template class AvoModelling<double>;
template class PrestackModelling<float>;
template class PrestackModelling<double>;

}  // namespace lop
