/// The dual method for the total variation: fast gradient projection.
#include <lop/algebra/expression.hpp>
#include <lop/solvers/prox_arrays.hpp>

#include <array>
#include <cmath>
#include <utility>

namespace lop::detail {
namespace {

/// Differences along the axes of an array: (D_a z)(i) = z(i + stride_a) - z(i), 0 behind the last.
class Differences {
 public:
    explicit Differences(const Shape& shape) : rank_{shape.rank()} {
        for (int a = 0; a < rank_; ++a) {
            count_[at(a)] = shape[a];
            stride_[at(a)] = shape.product(a + 1, rank_);
        }
    }
    int rank() const { return rank_; }
    template <class T> T forward(const T* z, index_t i, int axis) const {
        const index_t s = stride_[at(axis)];
        return place(i, axis) + 1 < count_[at(axis)] ? z[i + s] - z[i] : T{};
    }
    /// (D_a' p)(i)
    template <class T> T adjoint(const T* p, index_t i, int axis) const {
        const index_t s = stride_[at(axis)];
        const index_t c = place(i, axis);
        return (c > 0 ? p[i - s] : T{}) - (c + 1 < count_[at(axis)] ? p[i] : T{});
    }

 private:
    static std::size_t at(int axis) { return static_cast<std::size_t>(axis); }
    index_t place(index_t i, int axis) const { return i / stride_[at(axis)] % count_[at(axis)]; }
    int rank_;
    std::array<index_t, 8> count_{};
    std::array<index_t, 8> stride_{};
};

template <class T> double variation_at(const Differences& d, const T* z, index_t i,
                                       bool isotropic) {
    double squares = 0;
    double sum = 0;
    for (int a = 0; a < d.rank(); ++a) {
        const double size = static_cast<double>(std::abs(d.forward(z, i, a)));
        squares += size * size;
        sum += size;
    }
    return isotropic ? std::sqrt(squares) : sum;
}

/// z = x - lambda sum_a D_a' p_a
template <class T> void primal(const Differences& d, const Array<T>& x, double lambda,
                               const std::vector<Array<T>>& p, Array<T>& z) {
    const auto factor = static_cast<Real<T>>(lambda);
    parallel_for(x.size(), [&](index_t begin, index_t end) {
        for (index_t i = begin; i < end; ++i) {
            T sum{};
            for (int a = 0; a < d.rank(); ++a)
                sum += d.adjoint(p[static_cast<std::size_t>(a)].data(), i, a);
            z[i] = x[i] - factor * sum;
        }
    });
}

/// p+ = P(r + step D z), the projection onto |p_i| <= 1; r = p+ + momentum (p+ - p); p = p+.
template <class T> void dual_step(const Differences& d, const Array<T>& z, double step,
                                  double momentum, bool isotropic, DualFields<T>& f) {
    using R = Real<T>;
    parallel_for(z.size(), [&](index_t begin, index_t end) {
        std::array<T, 8> q{};
        for (index_t i = begin; i < end; ++i) {
            double squares = 0;
            for (int a = 0; a < d.rank(); ++a) {
                const auto k = static_cast<std::size_t>(a);
                q[k] = f.r[k][i] + static_cast<R>(step) * d.forward(z.data(), i, a);
                squares += squared_magnitude(q[k]);
            }
            for (int a = 0; a < d.rank(); ++a) {
                const auto k = static_cast<std::size_t>(a);
                const double size =
                    isotropic ? std::sqrt(squares) : static_cast<double>(std::abs(q[k]));
                const T next = q[k] / static_cast<R>(std::max(1.0, size));
                f.r[k][i] = next + static_cast<R>(momentum) * (next - f.p[k][i]);
                f.p[k][i] = next;
            }
        }
    });
}

/// TV(z) - Re <p, D z>
template <class T>
double gap(const Differences& d, const Array<T>& z, bool isotropic, const DualFields<T>& f) {
    return z.template reduce<double>([&](index_t i) {
        double along = 0;
        for (int a = 0; a < d.rank(); ++a) {
            const T p = f.p[static_cast<std::size_t>(a)][i];
            along += static_cast<double>(real_part(conjugate(p) * d.forward(z.data(), i, a)));
        }
        return variation_at(d, z.data(), i, isotropic) - along;
    });
}

}  // namespace

template <Scalar T> double total_variation(const Array<T>& x, bool isotropic) {
    const Differences d{x.shape()};
    return x.template reduce<double>(
        [&](index_t i) { return variation_at(d, x.data(), i, isotropic); });
}

template <Scalar T> void shrink_total_variation(const Array<T>& x, double lambda,
                                                const TotalVariationRules& rules, DualFields<T>& f,
                                                Array<T>& y) {
    const Differences d{x.shape()};
    if (lambda <= 0) {
        if (&x != &y) y = x;
        return;
    }
    for (auto& p : f.p) p.fill({});
    for (auto& r : f.r) r.fill({});
    const double step = 1 / (4.0 * d.rank() * lambda);  // |D|^2 <= 4 rank
    const double goal = 0.5 * rules.tolerance * rules.tolerance * norm2(x);
    double t = 1;
    for (index_t k = 1; k <= rules.iterations; ++k) {
        primal(d, x, lambda, f.r, f.z);
        const double t_next = 0.5 * (1 + std::sqrt(1 + 4 * t * t));
        dual_step(d, f.z, step, (t - 1) / t_next, rules.isotropic, f);
        t = t_next;
        constexpr index_t look_every = 10;
        if (k % look_every != 0) continue;
        primal(d, x, lambda, f.p, f.z);
        if (lambda * gap(d, f.z, rules.isotropic, f) <= goal) break;
    }
    primal(d, x, lambda, f.p, f.z);
    assign(y, 1 * f.z);
}

#define LOP_INSTANTIATE(T)                                                                    \
    template double total_variation(const Array<T>&, bool);                                   \
    template void shrink_total_variation(const Array<T>&, double, const TotalVariationRules&, \
                                         DualFields<T>&, Array<T>&);
LOP_INSTANTIATE(float)
LOP_INSTANTIATE(double)
LOP_INSTANTIATE(std::complex<float>)
LOP_INSTANTIATE(std::complex<double>)
#undef LOP_INSTANTIATE

}  // namespace lop::detail
