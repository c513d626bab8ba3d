/// Reflectivity of stacked data and its transpose.
#include <lop/operators/poststack.hpp>

#include "operators/lines.hpp"
#include "operators/wavelet_about_zero.hpp"

namespace lop {
namespace {

/// How far the two samples of the derivative lie from its own, and their weight.
template <class T> struct Stencil {
    explicit Stencil(PoststackDerivative kind)
        : before{kind == PoststackDerivative::centered ? index_t{1} : index_t{0}},
          weight{kind == PoststackDerivative::centered ? T(0.25) : T(0.5)} {}
    index_t before;  // sample i - before, and always i + 1
    T weight;        // half of the derivative's
};

}  // namespace

template <Scalar T>
    requires(!is_complex<T>)
PoststackModelling<T>::PoststackModelling(const Shape& shape, std::vector<T> wavelet,
                                          const PoststackOptions& options)
    : Operator<PoststackModelling, ArraySpace<T>>{ArraySpace<T>{"traces", shape}},
      wavelet_{convolution_about_zero("PoststackModelling", shape, std::move(wavelet),
                                      checked_axis("PoststackModelling", shape, options.axis))},
      axis_{checked_axis("PoststackModelling", shape, options.axis)},
      derivative_{options.derivative} {}

template <Scalar T>
    requires(!is_complex<T>)
void PoststackModelling<T>::forward(const Array<T>& x, Array<T>& y) const {
    const Stencil<T> s{derivative_};
    const Lines lines = lines_of(x.shape(), axis_);
    auto reflectivity = this->domain().scratch();
    over_lines(lines, [&](index_t o, index_t l, index_t count) {
        for (index_t i = 0; i < lines.n; ++i) {
            const index_t row = (o * lines.n + i) * lines.inner + l;
            T* r = reflectivity->data() + row;
            if (i < s.before || i + 1 == lines.n) {
                std::fill_n(r, count, T{});
                continue;
            }
            const T* m = x.data() + row;
            for (index_t c = 0; c < count; ++c)
                r[c] = s.weight * (m[c + lines.inner] - m[c - s.before * lines.inner]);
        }
    });
    wavelet_.forward(*reflectivity, y);
}

template <Scalar T>
    requires(!is_complex<T>)
void PoststackModelling<T>::adjoint(const Array<T>& y, Array<T>& x) const {
    const Stencil<T> s{derivative_};
    const Lines lines = lines_of(x.shape(), axis_);
    auto reflectivity = this->domain().scratch();
    wavelet_.adjoint(y, *reflectivity);
    over_lines(lines, [&](index_t o, index_t l, index_t count) {
        const auto row = [&](index_t i) { return (o * lines.n + i) * lines.inner + l; };
        for (index_t i = 0; i < lines.n; ++i) std::fill_n(x.data() + row(i), count, T{});
        for (index_t i = s.before; i + 1 < lines.n; ++i) {
            const T* r = reflectivity->data() + row(i);
            T* m = x.data() + row(i);
            for (index_t c = 0; c < count; ++c) {
                m[c + lines.inner] += s.weight * r[c];
                m[c - s.before * lines.inner] -= s.weight * r[c];
            }
        }
    });
}

template class PoststackModelling<float>;
template class PoststackModelling<double>;

}  // namespace lop
