/// Modelling of stacked data from the logarithm of impedance.
#pragma once

#include <lop/operators/convolution.hpp>

#include <string>
#include <vector>

namespace lop {

enum class PoststackDerivative {
    centered,  ///< (m(i+1) - m(i-1)) / 2 inside, zero at both ends
    forward,   ///< m(i+1) - m(i), zero at the last sample
};

struct PoststackOptions {
    int axis = -1;  ///< of time; negative ones count from the last
    PoststackDerivative derivative = PoststackDerivative::centered;
};

/// d = W D m: traces at zero offset from m = ln(impedance). D m is half the derivative per sample, the
/// reflectivity of small contrasts; W convolves it with the wavelet, whose middle value is at time
/// zero (Stolt and Weglein 1985).
/// domain = range: arrays of `shape`. Throws ArgumentError for an axis that there is not and wavelets
/// of an even number of values.
template <Scalar T>
    requires(!is_complex<T>)
class PoststackModelling : public Operator<PoststackModelling<T>, ArraySpace<T>> {
 public:
    PoststackModelling(const Shape& shape, std::vector<T> wavelet,
                       const PoststackOptions& options = {});
    std::string label() const { return "PoststackModelling"; }
    void forward(const Array<T>& x, Array<T>& y) const;
    void adjoint(const Array<T>& y, Array<T>& x) const;

 private:
    Convolution1D<T> wavelet_;
    int axis_;
    PoststackDerivative derivative_;
};

}  // namespace lop
