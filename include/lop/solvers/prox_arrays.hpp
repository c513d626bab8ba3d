/// Proximal operators that need the shape of an array: nuclear norm and total variation.
#pragma once

#include <lop/algebra/space.hpp>
#include <lop/core/parameter.hpp>

#include <memory>
#include <vector>

namespace lop {

namespace detail {

/// The sum of the singular values of an array of two axes.
template <Scalar T> double nuclear_norm(const Array<T>& x);
/// y = the array x of two axes with every singular value s replaced by max(s - threshold, 0).
template <Scalar T> void shrink_singular_values(const Array<T>& x, double threshold, Array<T>& y);
/// y = the array of rank `rank` or less that is nearest to x: its largest singular values.
template <Scalar T> void keep_singular_values(const Array<T>& x, index_t rank, Array<T>& y);

/// The memory of the dual method for the total variation, two arrays an axis and one more.
template <Scalar T> struct DualFields {
    std::vector<Array<T>> p;
    std::vector<Array<T>> r;
    Array<T> z;
};

struct TotalVariationRules {
    bool isotropic = true;
    index_t iterations = 0;
    double tolerance = 0;
};
template <Scalar T> double total_variation(const Array<T>& x, bool isotropic);
template <Scalar T> void shrink_total_variation(const Array<T>& x, double lambda,
                                                const TotalVariationRules& rules,
                                                DualFields<T>& fields, Array<T>& y);

}  // namespace detail

/// weight times the sum of the singular values of an array of two axes; prox shrinks them (Cai,
/// Candes and Shen 2010). One dense decomposition by Eigen each time, which allocates.
/// Throws SpaceError for an array that has not two axes.
struct NuclearNorm {
    Parameter<"NuclearNorm: weight"> weight = 1;
    template <Scalar T> double value(const Array<T>& x) const {
        return weight * detail::nuclear_norm(x);
    }
    template <Scalar T> void prox(const Array<T>& x, double tau, Array<T>& y) const {
        detail::shrink_singular_values(x, tau * weight, y);
    }
};

struct TotalVariationOptions {
    Parameter<"TotalVariation: weight"> weight = 1;
    bool isotropic = true;  ///< the length of the gradient; or the sum of its components' sizes
    Count<"TotalVariation: iterations"> iterations = 500;  ///< at most, of the dual method
    Parameter<"TotalVariation: tolerance"> tolerance =
        1e-5;  ///< prox is within tolerance |x| of the exact one, by the duality gap
};

/// weight times the total variation of an array of any number of axes, by forward differences that
/// vanish behind the last element: sum_i |(D x)_i|. prox by the fast gradient projection of the dual
/// (Beck and Teboulle 2009, IEEE TIP 18(11) 2419-2434, algorithm FGP), stopped by the duality gap,
/// lambda (TV(z) - <p, D z>) >= 1/2 |z - z*|^2.
template <Scalar T> class TotalVariation {
 public:
    explicit TotalVariation(const ArraySpace<T>& space, TotalVariationOptions options = {})
        : space_{space},
          options_{options},
          pool_{std::make_shared<ScratchPool<detail::DualFields<T>>>()} {}

    double value(const Array<T>& x) const {
        return options_.weight * detail::total_variation(x, options_.isotropic);
    }
    void prox(const Array<T>& x, double tau, Array<T>& y) const {
        Scratch<detail::DualFields<T>> fields{pool_, [this] { return make_fields(); }};
        detail::shrink_total_variation(
            x, tau * options_.weight, {options_.isotropic, options_.iterations, options_.tolerance},
            *fields, y);
    }

 private:
    detail::DualFields<T> make_fields() const {
        detail::DualFields<T> fields;
        for (int axis = 0; axis < space_.shape().rank(); ++axis) {
            fields.p.push_back(space_.uninitialized());
            fields.r.push_back(space_.uninitialized());
        }
        fields.z = space_.uninitialized();
        return fields;
    }

    ArraySpace<T> space_;
    TotalVariationOptions options_;
    std::shared_ptr<ScratchPool<detail::DualFields<T>>> pool_;
};
template <Scalar T> TotalVariation(const ArraySpace<T>&) -> TotalVariation<T>;
template <Scalar T> TotalVariation(const ArraySpace<T>&, TotalVariationOptions)
    -> TotalVariation<T>;

}  // namespace lop
