/// Transforms along axes that are made whole for them, and convolutions frequency by frequency.
#include <lop/operators/distributed_transforms.hpp>

#include "operators/lines.hpp"
#include "operators/mdc.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

namespace lop {
namespace {

/// `space` with the extents of another array, cut as before; axes of other extents in parts as equal
/// as can be.
template <Scalar T, Scalar U> DistributedSpace<T> shared_out_as(const DistributedSpace<U>& space,
                                                                const Shape& shape) {
    Partition partition = space.partition();
    for (int axis = 0; axis < shape.rank(); ++axis)
        if (const Cuts* cuts = space.partition().cuts(axis); cuts && shape[axis] != cuts->extent())
            partition =
                partition.with(*Partition::balanced(shape[axis], cuts->parts(), axis).cuts(axis));
    return {Label{space.name()}, shape, space.communicator(), partition};
}

/// B A, or A alone.
template <Scalar T, Scalar U>
AnyOperator<DistributedSpace<U>, DistributedSpace<T>> after(
    const AnyDistributedOperator<T>& b,
    const AnyOperator<DistributedSpace<U>, DistributedSpace<T>>& a) {
    return b * a;
}

/// make(part) along an axis that is made whole for it, and shared out as before afterwards.
template <Scalar Out, Scalar In, class Make>
AnyOperator<DistributedSpace<In>, DistributedSpace<Out>> along_whole(
    const DistributedSpace<In>& space, int axis, const Make& make) {
    if (!space.partition().cuts(axis)) return local(space, make);
    const Redistribute<In> there{space, whole_along(space.shape(), space.partition(), axis)};
    const auto transform = local(there.range(), make);
    const Redistribute<Out> back{transform.range(),
                                 shared_out_as<Out>(space, transform.range().shape())};
    return back * transform * there;
}

index_t nfft_of(const std::vector<index_t>& nfft, std::size_t k, index_t n) {
    return k < nfft.size() ? nfft[k] : n;
}

}  // namespace

template <Scalar T>
    requires is_complex<T>
AnyDistributedOperator<T> fourier_transform(const DistributedSpace<T>& space,
                                            const FourierOptions& options) {
    const FourierTransform<T> whole{space.shape(), options};  // refuses what cannot be
    std::optional<AnyDistributedOperator<T>> all;
    DistributedSpace<T> at = space;
    for (std::size_t k = 0; k < options.axes.size(); ++k) {
        const int axis = checked_axis("FourierTransform", space.shape(), options.axes[k]);
        FourierOptions one = options;
        one.axes = {axis};
        one.nfft = {nfft_of(options.nfft, k, space.shape()[axis])};
        const auto stage = along_whole<T>(at, axis, [&](const ArraySpace<T>& part) {
            return FourierTransform<T>{part.shape(), one};
        });
        all = all ? after(stage, *all) : stage;
        at = stage.range();
    }
    if (!all) return Identity<DistributedSpace<T>>{space};
    return *all;
}

template <Scalar R>
    requires(!is_complex<R>)
AnyOperator<DistributedSpace<R>, DistributedSpace<std::complex<R>>> real_fourier_transform(
    const DistributedSpace<R>& space, const RealFourierOptions& options) {
    using C = std::complex<R>;
    const RealFourierTransform<R> whole{space.shape(), options};
    const std::size_t last = options.axes.size() - 1;
    const int half = checked_axis("RealFourierTransform", space.shape(), options.axes[last]);
    RealFourierOptions first = options;
    first.axes = {half};
    first.nfft = {nfft_of(options.nfft, last, space.shape()[half])};
    const auto stage = along_whole<C>(space, half, [&](const ArraySpace<R>& part) {
        return RealFourierTransform<R>{part.shape(), first};
    });
    if (last == 0) return stage;
    FourierOptions others;
    others.axes.assign(options.axes.begin(), options.axes.end() - 1);
    if (!options.nfft.empty()) others.nfft.assign(options.nfft.begin(), options.nfft.end() - 1);
    others.norm = options.norm;
    others.ifftshift_before = options.ifftshift_before;
    others.fftshift_after = options.fftshift_after;
    for (int& axis : others.axes) axis = checked_axis("RealFourierTransform", space.shape(), axis);
    return after(fourier_transform(stage.range(), others), stage);
}

// ---- products frequency by frequency ----------------------------------------------------------

namespace {

/// Throws SpaceError unless the first axis, and no other, may be cut.
template <Scalar T> void check_kernel(const std::string& name, const DistributedArray<T>& kernel) {
    if (kernel.shape().rank() == 3 && !kernel.partition().cuts(1) && !kernel.partition().cuts(2))
        return;
    throw SpaceError{name + ": its kernel",
                     {.expected = "[slices x rows x columns], scattered over the slices",
                      .found = kernel.describe()}};
}

template <Scalar T>
Local<Fredholm1<T>> fredholm_of(const std::string& name, const DistributedArray<T>& kernel,
                                Array<T> values, index_t columns) {
    check_kernel(name, kernel);
    const auto space = [&](index_t rows) {
        return DistributedSpace<T>{Label{kernel.name()},
                                   {kernel.shape()[0], rows, columns},
                                   kernel.communicator(),
                                   kernel.partition()};
    };
    return {Fredholm1<T>{std::move(values), columns}, space(kernel.shape()[2]),
            space(kernel.shape()[1])};
}

template <Scalar R> Local<RealFourierTransform<R>> along_time(const DistributedSpace<R>& space,
                                                              bool shift) {
    return local(space, [&](const ArraySpace<R>& part) {
        return RealFourierTransform<R>{part.shape(), {.axes = {0}, .ifftshift_before = shift}};
    });
}

/// Traces that all ranks hold, shared out over receivers.
template <Scalar R> Partition shares_of(const DistributedSpace<R>& traces) {
    if (!traces.partition().is_replicated()) return traces.partition();
    return Partition::balanced(traces.shape()[1], traces.communicator().size(), 1);
}

}  // namespace

template <Scalar T>
Local<Fredholm1<T>> fredholm1(const DistributedArray<T>& kernel, index_t columns_of_model) {
    return fredholm_of("Fredholm1", kernel, kernel.local(), columns_of_model);
}

template <Scalar R>
    requires(!is_complex<R>)
struct ScatteredMultiDimensionalConvolution<R>::Parts {
    using Spectrum = Local<RealFourierTransform<R>>;
    /// Spectra of model or data, and their way to the ranks of the frequencies and back. Of traces that
    /// all ranks hold, each transforms its share.
    struct Side {
        Redistribute<R> share;
        Spectrum transform;
        detail::Exchange<C> there, back;
        bool shares;
        Side(const DistributedSpace<R>& traces, const DistributedSpace<C>& frequencies, bool shift)
            : share{traces, shares_of(traces)},
              transform{along_time(share.range(), shift)},
              there{detail::exchange_between(transform.range(), frequencies)},
              back{detail::exchange_between(frequencies, transform.range())},
              shares{!(share.range() == traces)} {}
        void send(const DistributedArray<R>& x, DistributedArray<C>& spectra) const {
            auto all = transform.range().scratch();
            if (shares) {
                auto mine = share.range().scratch();
                share.forward(x, *mine);
                transform.forward(*mine, *all);
            } else {
                transform.forward(x, *all);
            }
            there.copy(all->data(), spectra.data());
        }
        void receive(const DistributedArray<C>& spectra, DistributedArray<R>& x) const {
            auto all = transform.range().scratch();
            all->fill(C{});  // frequencies above the kernel's
            back.copy(spectra.data(), all->data());
            if (!shares) return transform.adjoint(*all, x);
            auto mine = share.range().scratch();
            transform.adjoint(*all, *mine);
            share.adjoint(*mine, x);
        }
    };
    Local<Fredholm1<C>> kernel;
    Side model, data;
};

namespace {

template <Scalar R>
void check_model(const DistributedSpace<R>& model, const Shape& kernel) {
    const bool fits =
        model.shape().rank() == 3 && model.shape()[1] == kernel[2] && !model.partition().cuts(0);
    if (fits) return;
    throw SpaceError{"MultiDimensionalConvolution: its model",
                     {.expected = "[samples x " + std::to_string(kernel[2]) +
                                  " receivers x sections], whole along time",
                      .found = model.describe()}};
}

}  // namespace

template <Scalar R>
    requires(!is_complex<R>)
ScatteredMultiDimensionalConvolution<R>::ScatteredMultiDimensionalConvolution(
    std::shared_ptr<const Parts> parts)
    : Operator<ScatteredMultiDimensionalConvolution,
               DistributedSpace<R>>{parts->model.share.domain(), parts->data.share.domain()},
      parts_{std::move(parts)} {}

template <Scalar R>
    requires(!is_complex<R>)
ScatteredMultiDimensionalConvolution<R>::ScatteredMultiDimensionalConvolution(
    const DistributedSpace<R>& model, const DistributedArray<C>& kernel,
    const MultiDimensionalConvolutionOptions& options)
    : ScatteredMultiDimensionalConvolution{[&] {
          const std::string name = "MultiDimensionalConvolution";
          check_kernel(name, kernel);
          check_model(model, kernel.shape());
          const index_t samples = model.shape()[0];
          const index_t sections = model.shape()[2];
          check_mdc(kernel.shape(), samples, sections, options.two_sided);
          Array<C> values = kernel.local();
          if (!options.prescaled) values *= mdc_scale<R>(samples, options);
          auto product = fredholm_of(name, kernel, std::move(values), sections);
          const auto data = shared_out_as<R>(model, {samples, kernel.shape()[1], sections});
          typename Parts::Side of_model{model, product.domain(), options.two_sided};
          typename Parts::Side of_data{data, product.range(), false};
          return std::make_shared<const Parts>(
              Parts{std::move(product), std::move(of_model), std::move(of_data)});
      }()} {}

template <Scalar R>
    requires(!is_complex<R>)
void ScatteredMultiDimensionalConvolution<R>::forward(const DistributedArray<R>& x,
                                                      DistributedArray<R>& y) const {
    auto model = parts_->kernel.domain().scratch();
    auto data = parts_->kernel.range().scratch();
    parts_->model.send(x, *model);
    parts_->kernel.forward(*model, *data);
    parts_->data.receive(*data, y);
}

template <Scalar R>
    requires(!is_complex<R>)
void ScatteredMultiDimensionalConvolution<R>::adjoint(const DistributedArray<R>& y,
                                                      DistributedArray<R>& x) const {
    auto model = parts_->kernel.domain().scratch();
    auto data = parts_->kernel.range().scratch();
    parts_->data.send(y, *data);
    parts_->kernel.adjoint(*data, *model);
    parts_->model.receive(*model, x);
}

template AnyDistributedOperator<std::complex<float>> fourier_transform(
    const DistributedSpace<std::complex<float>>&, const FourierOptions&);
template AnyDistributedOperator<std::complex<double>> fourier_transform(
    const DistributedSpace<std::complex<double>>&, const FourierOptions&);
template AnyOperator<DistributedSpace<float>, DistributedSpace<std::complex<float>>>
real_fourier_transform(const DistributedSpace<float>&, const RealFourierOptions&);
template AnyOperator<DistributedSpace<double>, DistributedSpace<std::complex<double>>>
real_fourier_transform(const DistributedSpace<double>&, const RealFourierOptions&);
template Local<Fredholm1<float>> fredholm1(const DistributedArray<float>&, index_t);
template Local<Fredholm1<double>> fredholm1(const DistributedArray<double>&, index_t);
template Local<Fredholm1<std::complex<float>>> fredholm1(
    const DistributedArray<std::complex<float>>&, index_t);
template Local<Fredholm1<std::complex<double>>> fredholm1(
    const DistributedArray<std::complex<double>>&, index_t);
template class ScatteredMultiDimensionalConvolution<float>;
template class ScatteredMultiDimensionalConvolution<double>;

}  // namespace lop
